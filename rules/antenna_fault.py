"""A terminal whose GNSS module or antenna fails, or was cut."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.alarm_bits import alarm_clear, alarm_sent, alarm_set
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals

_MODULE, _OPEN, _SHORT = 4, 5, 6


def _condition(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_set(positions, _MODULE, _OPEN, _SHORT)


def _sound(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_clear(positions, _MODULE, _OPEN, _SHORT)


ANTENNA_FAULT = Rule[Signals](
    id="antenna_fault",
    name_zh="卫星定位模块或天线故障",
    name_en="GNSS module or antenna faulty",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §38; JT/T 808 报警标志位 4, 5, 6",
    says=Wording(
        "终端上报卫星定位模块故障、天线未接或短路（报警位 4、5、6）",
        "the terminal reports a faulty GNSS module or antenna (alarm bits 4, 5, 6)",
        "报警位清除",
        "the bits are clear",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=30, fixes=2, unbroken=False),
    clear=Clear(fixes=2, condition=_sound),
    gap_s=1800.0,
    known=alarm_sent,
    jt808=_OPEN,
    needs=(Need.STATUS,),
)
