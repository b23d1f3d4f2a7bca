"""Told to the driver alone: close below the limit, before it is a breach."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.speed import limit_kmh, speed_kmh


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    limit = limit_kmh(facts)
    near = facts.speed_kmh > limit - limits["within_kmh"]
    over = facts.speed_kmh > limit + limits["tolerance_kmh"]
    return near & ~over & facts.moving & (facts.roads.nearest >= 0)


def _slow_again(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Overspeed neither hits nor clears: a driver who was warned is not warned again on his way down."""
    slow_kmh = limit_kmh(facts) - limits["within_kmh"] - limits["clear_below_kmh"]
    return facts.speed_kmh <= slow_kmh


SPEED_WARNING = Rule[Facts](
    id="speed_warning",
    name_zh="超速预警",
    name_en="Close to the speed limit",
    group=Group.CONDUCT,
    severity=Severity.BLUE,
    basis="危险货物道路运输安全管理办法 §46; JT/T 808 参数 0x005B",
    says=Wording(
        "车速距限速不足 {within_kmh} km/h",
        "within {within_kmh} km/h of the limit",
        "车速明显低于限速",
        "it is well below the limit",
    ),
    receivers=(Receiver.DRIVER,),
    condition=_condition,
    hold=Hold(seconds=10, fixes=2),
    clear=Clear(fixes=2, condition=_slow_again),
    cool_down_s=600.0,
    measure=speed_kmh,
    unit="km/h",
    jt808=13,
    warns_of="overspeed",
    needs=(Need.SPEED, Need.ROAD),
    limits={"within_kmh": 5.0, "tolerance_kmh": 1.0, "clear_below_kmh": 3.0},
)
