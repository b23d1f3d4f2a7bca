"""A truck that moves, as odometer or speedometer say, while its receiver finds no satellite."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    device = signals.device
    moves = (positions.speed_kmh > limits["moving_kmh"]) | (device.driven_km >= limits["driven_km"])
    hidden = device.dead_zone & (device.no_fix_s <= limits["tunnel_s"])
    return ~np.isnan(device.no_fix_s) & moves & ~hidden


def _found(_: Positions, signals: Signals, __: Limits) -> Mask:
    return signals.usable


def _no_fix_s(_: Positions, signals: Signals, rows: Rows) -> Floats:
    return signals.device.no_fix_s[rows]


JAMMING = Rule[Signals](
    id="jamming",
    name_zh="行驶中无卫星定位（涉嫌屏蔽）",
    name_en="No GNSS fix while moving: jammed?",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §38; 危险货物道路运输安全管理办法 §45",
    says=Wording(
        "无卫星定位，而车速高于 {moving_kmh} km/h 或里程已增加 {driven_km} km；隧道附近 {tunnel_s} 秒内不计",
        "no GNSS fix, though it goes faster than {moving_kmh} km/h or has driven {driven_km} km; "
        "near a tunnel only after {tunnel_s} s",
        "恢复定位",
        "fixes come again",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=120, fixes=3, unbroken=False),
    clear=Clear(fixes=2, condition=_found),
    measure=_no_fix_s,
    unit="s",
    limits={"moving_kmh": 10.0, "driven_km": 0.5, "tunnel_s": 900.0},
    needs=(Need.STATUS, Need.SPEED),
)
