"""Several waybills in force at once: the trip under way keeps its own, and the strictest goods count."""

from datetime import timedelta

import numpy as np

from hazmat.geofences import FenceKind
from hazmat.position import Positions
from hazmat.registry import Registry
from tests.fold import Fold, memory_rows
from tests.papers_town import HOUR, drive, found, registry
from tests.town import FENCES, NOON, _box, _line, fence, positions, town, waybill

NORTHERN = fence("route2", FenceKind.CORRIDOR, _line((0, 6000), (10000, 6000)), half_width_m=50.0)
DEPOT = fence("depot", FenceKind.PLANT, _box(1200, 4800, 1500, 5200))
ROUTES = (*FENCES, NORTHERN, DEPOT)


def told(known: Registry, messages: Positions) -> list[tuple[str, str]]:
    """(rule, object) of all alerts, the same for any cut."""
    whole = Fold(known).feed(messages)
    for size in (1, 7):
        cut = Fold(known).feed_cut(messages, range(size, len(messages), size))
        assert cut.fired() == whole.fired()
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
    return sorted((alert.rule_id, alert.object_id) for alert in whole.alerts.values())


def eastward(y_m: float) -> Positions:
    return drive(30, 10.0, y_m=y_m)


def test_off_the_route_only_off_the_routes_of_all_waybills_in_force() -> None:
    first = waybill(0, route_id="route")
    ahead = waybill(0, waybill_no="W900", route_id="route2", valid_from=NOON - timedelta(minutes=1))
    for y_m in (5000.0, 6000.0):
        assert ("off_corridor", "route") not in told(town(1, (first, ahead), fences=ROUTES), eastward(y_m))
    assert ("off_corridor", "route") in told(town(1, (first,), fences=ROUTES), eastward(6000.0))
    assert ("off_corridor", "route") in told(town(1, (first, ahead), fences=ROUTES), eastward(5500.0))


def test_toxic_goods_on_any_waybill_in_force_want_a_pass() -> None:
    chlorine = waybill(0, un_no="UN1017", goods_name="氯", hazard_class="2.3")
    petrol = waybill(0, waybill_no="W900", valid_from=NOON - HOUR)
    toxic = [("toxic_permit", "W000")]
    for papers in ((chlorine,), (chlorine, petrol), (petrol, chlorine)):
        assert [each for each in found(drive(), registry(papers)) if each[0] == "toxic_permit"] == toxic
    assert found(drive(), registry((petrol, waybill(0)))) == []


def there_and_back(seconds: float = 1200.0, **more: object) -> Positions:
    t_s = np.arange(0, seconds, 10.0)
    given = {"x_m": 7300.0, "speed_kmh": 0.0, "load": np.where(t_s < 600, 2, 0)}
    return positions(t_s=t_s, **{**given, **more})


def test_unloading_at_the_destination_after_the_next_waybill_began() -> None:
    out = waybill(0, origin="depot", destination="plant", valid_to=NOON + timedelta(seconds=900))
    back = waybill(0, waybill_no="W900", origin="plant", destination="depot",
                   valid_from=NOON + timedelta(seconds=60))  # fmt: skip
    assert told(town(1, (out, back), fences=ROUTES), there_and_back()) == []
    wrong = waybill(0, origin="depot", destination="depot")
    places = told(town(1, (wrong, back), fences=ROUTES), there_and_back())
    assert places == [("waybill_place", "W000")]


def test_the_next_load_goes_by_the_next_waybill_unless_the_load_only_flickers() -> None:
    bad = waybill(0, waybill_no="W900", origin="plant", escort_id="", valid_from=NOON - HOUR)
    known = registry((waybill(0), bad))
    t_s = np.arange(0, 1600, 20.0)

    def escorts(load: np.ndarray) -> list[tuple[str, str]]:
        moving = positions(t_s=t_s, x_m=1500 + 4 * t_s, speed_kmh=14.4, heading_deg=90.0, load=load)
        return [each for each in found(moving, known) if each[0] == "escort_missing"]

    assert escorts(np.full(len(t_s), 2)) == []
    assert escorts(np.where((t_s >= 400) & (t_s < 460), 0, 2)) == []
    assert escorts(np.where((t_s >= 400) & (t_s < 800), 0, 2)) == [("escort_missing", "W900")]


def test_tunnel_rank_and_classes_of_all_in_force() -> None:
    known = registry((waybill(0), waybill(0, waybill_no="W900", hazard_class="2.1", un_no="UN1075")))
    sets = known.waybill_overlaps
    noon = np.array([NOON.replace(tzinfo=None)], "datetime64[ms]")
    assert sets.at(np.array([0]), noon).tolist() == [0]
    table = known.waybill_table
    assert sets.reduce(np.bitwise_or, table.class_bit).tolist() == [
        int(table.class_bit[0] | table.class_bit[1])
    ]
    assert sets.reduce(np.minimum, table.tunnel_rank).tolist() == [int(table.tunnel_rank.min())]
