"""A device that sends on and on, always with the same time."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(_: Positions, signals: Signals, __: Limits) -> Mask:
    repeats: Mask = signals.device.clock_s > 0
    return repeats


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
        "不同的消息带有同一定位时间",
        "different messages bear one and the same time",
        "定位时间恢复走动",
        "the time goes on",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=60, fixes=4),  # five messages are four that repeat the time of the first
    clear=Clear(fixes=2),
    measure=_stands_s,
    unit="s",
    gap_s=1800.0,
)
