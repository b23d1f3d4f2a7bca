"""A terminal that was cut off from the truck's battery, or says that the battery fails."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.alarm_bits import alarm_clear, alarm_sent, alarm_set
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals

_LOW, _CUT = 7, 8


def _condition(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_set(positions, _LOW, _CUT)


def _powered(positions: Positions, _: Signals, __: Limits) -> Mask:
    return alarm_clear(positions, _LOW, _CUT)


POWER_CUT = Rule[Signals](
    id="power_cut",
    name_zh="终端主电源断电或欠压",
    name_en="Terminal's main power cut or low",
    group=Group.DEVICE,
    severity=Severity.ORANGE,
    basis="道路运输车辆动态监督管理办法 §38; JT/T 808 报警标志位 7, 8",
    says=Wording(
        "终端上报主电源欠压或掉电（报警位 7、8）",
        "the terminal reports that its main power is low or cut (alarm bits 7, 8)",
        "报警位清除",
        "the bits are clear",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=30, fixes=2, unbroken=False),
    clear=Clear(fixes=2, condition=_powered),
    gap_s=1800.0,
    known=alarm_sent,
    jt808=_CUT,
    jt809=0xD305,
    needs=(Need.STATUS,),
)
