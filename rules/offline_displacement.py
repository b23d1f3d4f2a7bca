"""A terminal that was silent, and comes back far from where it fell silent."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Group, Limits, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(_: Positions, signals: Signals, limits: Limits) -> Mask:
    device = signals.device
    hidden_s = np.where(device.dead_zone, limits["tunnel_s"], 0.0)
    return (device.quiet_s > limits["quiet_s"] + hidden_s) & (device.moved_m > limits["moved_m"])


def _moved_m(_: Positions, signals: Signals, rows: Rows) -> Floats:
    return signals.device.moved_m[rows]


OFFLINE_DISPLACEMENT = Rule[Signals](
    id="offline_displacement",
    name_zh="离线位移",
    name_en="Moved while offline",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "失联超过 {quiet_s} 秒（隧道附近再加 {tunnel_s} 秒）后，在 {moved_m} 米以外重新上线",
        "silent for over {quiet_s} s (near a tunnel {tunnel_s} s more), then back over {moved_m} m away",
        "重新上线后的下一次定位",
        "the next fix after it came back",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    measure=_moved_m,
    unit="m",
    jt809=0xD219,
    limits={"quiet_s": 600.0, "moved_m": 2000.0, "tunnel_s": 900.0},
)
