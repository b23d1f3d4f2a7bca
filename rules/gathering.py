"""Loaded tankers that gather where no park is."""

import numpy as np

from hazmat.alerts import Fact, Severity
from hazmat.columns import ID_DTYPE, Ids, Ints, Mask, Rows
from rules.neighbours import neighbours
from rules.rule import Group, Hits, Hold, Limits, Need, Receiver, TogetherRule, Wording
from rules.scene import Scene

_CELL_M = 300.0  # a gathering is named by the cell of the map in which it began


def _condition(scene: Scene, limits: Limits) -> Hits:
    rows, one, other = _near(scene, limits)
    count = 1 + np.bincount(one, minlength=len(rows)) + np.bincount(other, minlength=len(rows))
    crowded = count > limits["vehicles"]
    place = _joined(one, other, crowded)
    places = np.unique(place[crowded])
    found = [(rows[crowded & (place == each)], int(count[place == each].max())) for each in places.tolist()]
    return _named(scene, found, limits)


def _near(scene: Scene, limits: Limits) -> tuple[Rows, Rows, Rows]:
    """(loaded vehicles that stand or creep outside parks, pairs of them within reach as places in these)."""
    memory = scene.vehicles
    rows = np.flatnonzero(memory.loaded & ~memory.at_stop_place & scene.stands_or_creeps(limits))
    return rows, *neighbours(memory.x_m[rows], memory.y_m[rows], limits["within_m"])


def _joined(one: Rows, other: Rows, crowded: Mask) -> Ints:
    """A number for each vehicle, the same for crowded ones that are linked through crowded ones."""
    place = np.arange(len(crowded))
    link = crowded[one] & crowded[other]
    one, other = one[link], other[link]
    while True:  # as many rounds as the longest chain of links at most; a handful
        before = place.copy()
        np.minimum.at(place, one, place[other])
        np.minimum.at(place, other, place[one])
        if np.array_equal(before, place):
            return place


def _named(scene: Scene, found: list[tuple[Rows, int]], limits: Limits) -> Hits:
    """A hit for each gathering, by the name under which it began as long as it stays in reach of there."""
    memory = scene.vehicles
    known = scene.open_of(GATHERING.id)
    taken: dict[bytes, tuple[int, int]] = {}
    for rows, count in found:  # few
        x_m, y_m = float(memory.x_m[rows].mean()), float(memory.y_m[rows].mean())
        away = np.hypot(*(_centre(known.object_id) - (x_m, y_m)).T) if len(known.object_id) else np.empty(0)
        near = np.flatnonzero(away <= 2 * limits["within_m"])
        if len(near):
            first = near[0]  # the oldest
            name, vehicle = bytes(known.object_id[first]), int(scene.rows_of(known.vehicle_id[[first]])[0])
        else:
            name = b"%d/%d" % (x_m // _CELL_M, y_m // _CELL_M)
            vehicle = int(rows[np.argmin(memory.vehicle_id[rows])])
        taken[name] = max(taken.get(name, (0, 0)), (count, vehicle))
    vehicles = np.array([vehicle for _, vehicle in taken.values()], np.intp)
    counts = np.array([count for count, _ in taken.values()], float)
    return Hits(vehicles, np.array(list(taken), ID_DTYPE), counts, np.zeros(len(taken), bool))


def _centre(names: Ids) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Middle of the cell that each name stands for, easting and northing."""
    return (np.array([name.split(b"/") for name in names.tolist()], float) + 0.5) * _CELL_M


def _evidence(scene: Scene, _: int, object_id: str, limits: Limits) -> dict[str, Fact]:
    memory = scene.vehicles
    rows, one, other = _near(scene, limits)
    count = 1 + np.bincount(one, minlength=len(rows)) + np.bincount(other, minlength=len(rows))
    middle = _centre(np.array([object_id.encode()], ID_DTYPE))[0]
    away_m = np.hypot(memory.x_m[rows] - middle[0], memory.y_m[rows] - middle[1])
    there = rows[(count > limits["vehicles"]) & (away_m <= 3 * limits["within_m"])]
    return {"count": len(there), "members": scene.names(there)}


GATHERING = TogetherRule(
    id="gathering",
    name_zh="重车聚集",
    name_en="Loaded tankers gathering outside a park",
    group=Group.TOGETHER,
    severity=Severity.ORANGE,
    basis="危险化学品安全管理条例 §48; 危险货物道路运输安全管理办法 §45",
    says=Wording(
        "停车场、装卸点、服务区以外，半径 {within_m} 米内停驻或缓行的重车超过 {vehicles} 辆",
        "more than {vehicles} loaded tankers stand or creep within {within_m} m of one of them, in no park",
        "聚集车辆减至 {vehicles} 辆以内",
        "no more than {vehicles} are left",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.EMERGENCY),
    limits={
        "vehicles": 5.0,
        "within_m": 300.0,
        "up_to_kmh": 20.0,
        "fresh_s": 1800.0,
        "creeping_fresh_s": 120.0,
    },
    condition=_condition,
    evidence=_evidence,
    hold=Hold(seconds=600, fixes=10),
    clear_s=60.0,
    unit="vehicles",
    needs=(Need.LOAD, Need.SPEED),
)
