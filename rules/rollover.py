"""The terminal reports that the vehicle rolls over."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.alarm_bits import alarm_clear, alarm_sent, alarm_set
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals

_BIT = 30


def _condition(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_set(positions, _BIT)


def _over(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_clear(positions, _BIT)


ROLLOVER = Rule[Signals](
    id="rollover",
    name_zh="侧翻报警",
    name_en="Roll-over",
    group=Group.EMERGENCY,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §51; JT/T 808 报警标志位 30",
    says=Wording(
        "终端上报侧翻（报警位 30）",
        "the terminal reports a roll-over (alarm bit 30)",
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
    needs=(Need.STATUS,),
)
