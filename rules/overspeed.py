"""Over the legal or the posted speed."""

from hazmat.alerts import Severity
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Need, Receiver, Rule, Wording
from rules.speed import LEGAL_KMH, below_band, in_band, speed_kmh

OVERSPEED = Rule[Facts](
    id="overspeed",
    name_zh="超速",
    name_en="Over the speed limit",
    group=Group.CONDUCT,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §46; 道路交通安全违法行为记分管理办法",
    says=Wording(
        "车速超过法定限速（高速公路 {expressway_kmh} km/h、其他道路 {other_kmh} km/h）或更低的标志限速",
        "faster than {expressway_kmh} km/h on an expressway, {other_kmh} elsewhere, or than a lower sign",
        "车速比限速低 {clear_below_kmh} km/h 以上",
        "it is at least {clear_below_kmh} km/h below the limit",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=in_band,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(fixes=2, condition=below_band),
    measure=speed_kmh,
    unit="km/h",
    jt808=1,
    jt809=0x0001,
    needs=(Need.SPEED,),
    # A truck held exactly at its limit errs by half a km/h from fix to fix: 1 km/h keeps it out.
    limits={
        **LEGAL_KMH,
        "over_pct": 0.0,
        "tolerance_kmh": 1.0,
        "clear_below_kmh": 5.0,
        "points_expressway": 6.0,
        "points_other": 1.0,
        "points_other_from_pct": 10.0,
    },
)
