"""A device whose clock cannot be believed: ahead of ours, or a month and more behind it."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(positions: Positions, _: Signals, limits: Limits) -> Mask:
    off_s = positions.clock_off_s  # NaN compares false in both
    return (off_s > limits["ahead_s"]) | (off_s < -limits["behind_s"])


def _right(positions: Positions, _: Signals, __: Limits) -> Mask:
    return np.isnan(positions.clock_off_s)


def _off_s(positions: Positions, _: Signals, rows: Rows) -> Floats:
    return np.abs(positions.clock_off_s[rows])


CLOCK_WRONG = Rule[Signals](
    id="clock_wrong",
    name_zh="终端时钟错误",
    name_en="Device clock wrong",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "终端时间超前平台 {ahead_s} 秒以上，或落后 {behind_s} 秒（30 天）以上",
        "the device's clock is over {ahead_s} s ahead of ours, or over {behind_s} s behind it",
        "终端时间恢复正常",
        "its time can be believed again",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(fixes=2, unbroken=False),  # a single start from cold says 2004 once
    clear=Clear(fixes=2, condition=_right),
    measure=_off_s,
    unit="s",
    limits={"ahead_s": 60.0, "behind_s": 2592000.0},
    gap_s=1800.0,
)
