"""The driver pressed the emergency button."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.alarm_bits import alarm_clear, alarm_sent, alarm_set
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals

_BIT = 0


def _condition(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_set(positions, _BIT)


def _over(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_clear(positions, _BIT)


SOS = Rule[Signals](
    id="sos",
    name_zh="紧急报警",
    name_en="Emergency button pressed",
    group=Group.EMERGENCY,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §51; JT/T 808 报警标志位 0",
    says=Wording(
        "驾驶员按下紧急报警按钮（报警位 0）",
        "the driver pressed the emergency button (alarm bit 0)",
        "报警位清除并保持",
        "the bit is clear and stays so",
    ),
    receivers=(
        Receiver.CARRIER,
        Receiver.TRAFFIC_POLICE,
        Receiver.TRANSPORT,
        Receiver.EMERGENCY,
        Receiver.FIRE,
    ),
    condition=_condition,
    clear=Clear(seconds=60, fixes=3, condition=_over),
    gap_s=1800.0,  # one emergency, though the terminal was not heard for a while
    known=alarm_sent,
    jt808=_BIT,
    jt809=0x0003,
    needs=(Need.STATUS,),
)
