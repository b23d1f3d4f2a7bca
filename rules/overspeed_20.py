"""At least 20 % over the limit."""

from hazmat.alerts import Severity
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Need, Receiver, Rule, Wording
from rules.speed import below_band, in_band, speed_kmh

OVERSPEED_20 = Rule[Facts](
    id="overspeed_20",
    name_zh="超速 20% 以上",
    name_en="By 20 % or more over the limit",
    group=Group.CONDUCT,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §46; 道路交通安全违法行为记分管理办法",
    says=Wording(
        "车速超过限速 {over_pct}% 以上",
        "faster than the limit by {over_pct} % or more",
        "车速比该档下限低 {clear_below_kmh} km/h 以上",
        "it is at least {clear_below_kmh} km/h below where this band begins",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    condition=in_band,
    hold=Hold(seconds=10, fixes=2),
    clear=Clear(fixes=2, condition=below_band),
    measure=speed_kmh,
    unit="km/h",
    jt808=1,
    jt809=0x0001,
    needs=(Need.SPEED,),
    limits={
        "over_pct": 20.0,
        "tolerance_kmh": 0.5,
        "clear_below_kmh": 5.0,
        "points_expressway": 12.0,
        "points_other": 6.0,
        "points_other_from_pct": 20.0,
    },
)
