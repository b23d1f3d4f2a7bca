"""A device that sends on and on, always with the same time."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Limits, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(_: Positions, signals: Signals, limits: Limits) -> Mask:
    device = signals.device
    often: Mask = device.clock_count >= limits["messages"]
    return often & (device.clock_s >= limits["stands_s"])


def _goes_on(_: Positions, signals: Signals, __: Limits) -> Mask:
    moved: Mask = signals.device.clock_count == 1
    return moved


def _stands_s(_: Positions, signals: Signals, rows: Rows) -> Floats:
    return signals.device.clock_s[rows]


FROZEN_CLOCK = Rule[Signals](
    id="frozen_clock",
    name_zh="终端时间停滞",
    name_en="Device clock stands still",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "{stands_s} 秒以上的至少 {messages} 条不同消息带有同一定位时间",
        "at least {messages} different messages over {stands_s} s or more bear one and the same time",
        "定位时间恢复走动",
        "the time goes on",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(fixes=2, condition=_goes_on),
    measure=_stands_s,
    unit="s",
    limits={"messages": 5.0, "stands_s": 60.0},
    gap_s=1800.0,
)
