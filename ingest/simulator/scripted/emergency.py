"""Cases of the emergency rules: the alarm bits of JT/T 808 that call for help at once."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_SOS, _COLLISION, _ROLLOVER = 1 << 0, 1 << 29, 1 << 30


def _with_alarm(alarm: int) -> Drive:
    """A minute in order, two with the alarm, one in order again."""
    return Drive().at("trunk", 5).go(45, 1).set(alarm=alarm).go(45, 2).set(alarm=0).go(45, 1)


CASES = (
    case("sos_fires", "sos", "按下紧急报警按钮两分钟", drive=_with_alarm(_SOS), truth=[("sos", 60, 180)]),
    case("sos_fires_without_fix", "sos", "无定位时按下紧急报警按钮",
         drive=Drive().at("trunk", 5).go(45, 1).set(alarm=_SOS).no_fix(1), truth=[("sos", 60, None)]),
    case("sos_near_other_bit", "sos", "终端自报超速位，不是紧急报警", drive=_with_alarm(1 << 1)),
    case("collision_fires", "collision", "终端报碰撞", drive=_with_alarm(_COLLISION),
         truth=[("collision", 60, 180)]),
    case("collision_near_other_bit", "collision", "终端报非法位移（邻位），不是碰撞",
         drive=_with_alarm(1 << 28)),
    case("rollover_fires", "rollover", "终端报侧翻", drive=_with_alarm(_ROLLOVER),
         truth=[("rollover", 60, 180)]),
    case("rollover_near_other_bit", "rollover", "终端报非法开门（邻位），不是侧翻",
         drive=_with_alarm(1 << 31)),
)  # fmt: skip
