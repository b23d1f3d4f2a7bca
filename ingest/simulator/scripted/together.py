"""Cases of the rules about several vehicles at once."""

from collections.abc import Sequence

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import Case, Truck, Truth, case

_PEROXIDE = {"un_no": "UN2015", "goods_name": "过氧化氢", "hazard_class": "5.1"}


def _pair(first: Drive, second: Drive, truth: Sequence[Truth] = ()) -> tuple[Truck, Truck]:
    return Truck(key="a", drive=first, truth=truth), Truck(key="b", drive=second)


def _convoy(gap_m: float, kmh: float = 45.0, lead: str = "trunk", km: float = 5.0) -> tuple[Drive, Drive]:
    """Two drives, the second so many metres behind the first, for four minutes."""
    behind = km + (kmh / 3.6 - gap_m) / 1000  # it sets out a second later
    return Drive().at(lead, km).go(kmh, 4), Drive(start_s=1).at(lead, behind).go(kmh, 4)


def _parked(
    x_m: float, y_m: float, minutes: float, key: str, truth: Sequence[Truth] = (), **papers: object
) -> Truck:
    drive = Drive(interval_s=60).at_xy(x_m, y_m).stop(minutes)
    return Truck(key=key, drive=drive, truth=truth, **papers)  # type: ignore[arg-type]


def _queue(
    count: int, truth: Sequence[Truth] = (), gap_m: float = 30.0, minutes: float = 14.0
) -> tuple[Truck, ...]:
    """Creeping along the trunk road."""
    return tuple(
        Truck(
            key=chr(ord("a") + number),
            drive=Drive(interval_s=60).at("trunk", 6 - gap_m / 1000 * number).creep(4, minutes),
            truth=truth if number == 0 else (),
        )
        for number in range(count)
    )


def _passers(count: int, kmh: float = 45.0) -> tuple[Truck, ...]:
    """Trucks that pass the fifth kilometre of the trunk road, a minute apart."""
    return tuple(
        Truck(key=f"p{number}", drive=Drive(start_s=60.0 * number, error_m=1.0).at("trunk", 4.5).go(kmh, 1.5))
        for number in range(1, count + 1)
    )


def _breakdown(minutes: float, truth: Sequence[Truth] = ()) -> Truck:
    return Truck(key="a", drive=Drive(interval_s=20).at("trunk", 5).stop(minutes), truth=truth)


CASES: tuple[Case, ...] = (
    case("unusual_stop_fires", "unusual_stop", "满载停在干路 8 分钟，其他车辆正常通过",
         _breakdown(8, [("unusual_stop", 300, None)]), *_passers(3)),
    case("unusual_stop_near_short", "unusual_stop", "满载停在干路 4 分 40 秒，其他车辆正常通过",
         _breakdown(4 + 2 / 3), *_passers(3)),
    case("unusual_stop_near_alone", "unusual_stop", "满载停在干路 8 分钟，只有一辆车通过",
         _breakdown(8), *_passers(1)),
    case("too_close_fires", "too_close", "两辆满载车同向行驶，相距 30 米四分钟",
         *_pair(*_convoy(30), truth=[("too_close", 0, None)])),
    case("too_close_near", "too_close", "两辆满载车同向行驶，相距 56 米", *_pair(*_convoy(56))),
    case("too_close_near_queue", "too_close", "排队缓行，相距 30 米", *_pair(*_convoy(30, kmh=15))),
    case("too_close_near_oncoming", "too_close", "两辆满载车会车",
         *_pair(Drive().at("trunk", 5).go(45, 3), Drive().at("trunk", 7, back=True).go(45, 3))),
    case("gathering_fires", "gathering", "六辆满载车在路上聚集缓行 14 分钟",
         *_queue(6, [("gathering", 0, None)])),
    case("gathering_near", "gathering", "五辆满载车在路上聚集缓行 14 分钟", *_queue(5)),
    case("gathering_near_short", "gathering", "六辆满载车聚集缓行 9 分钟", *_queue(6, minutes=9)),
    case("gathering_near_apart", "gathering", "六辆满载车排成 650 米缓行 14 分钟", *_queue(6, gap_m=130)),
    case("park_full_fires", "park_full", "核定 3 辆的停车场停了 4 辆",
         *(_parked(9850 + 80 * n, 10600, 14, "abcd"[n], [("park_full", 0, None)] if n == 0 else ())
           for n in range(4))),
    case("park_full_near", "park_full", "核定 3 辆的停车场停了 3 辆",
         *(_parked(9850 + 80 * n, 10600, 14, "abc"[n]) for n in range(3))),
    case("park_full_near_short", "park_full", "核定 3 辆的停车场停了 4 辆，9 分钟",
         *(_parked(9850 + 80 * n, 10600, 9, "abcd"[n]) for n in range(4))),
    case("incompatible_parked_fires", "incompatible_parked", "汽油车与过氧化氢车相距 20 米停放 8 分钟",
         _parked(10000, 10600, 8, "a", [("incompatible_parked", 0, None)]),
         _parked(10020, 10600, 8, "b", waybills=[_PEROXIDE])),
    case("incompatible_parked_near", "incompatible_parked", "汽油车与过氧化氢车相距 60 米停放 8 分钟",
         _parked(10000, 10600, 8, "a"), _parked(10060, 10600, 8, "b", waybills=[_PEROXIDE])),
    case("incompatible_near_short", "incompatible_parked", "汽油车与过氧化氢车相距 20 米停放 4 分钟",
         _parked(10000, 10600, 4, "a"), _parked(10020, 10600, 4, "b", waybills=[_PEROXIDE])),
    case("incompatible_near_same", "incompatible_parked", "两辆汽油车相距 20 米停放 8 分钟",
         _parked(10000, 10600, 8, "a"), _parked(10020, 10600, 8, "b")),
)  # fmt: skip
