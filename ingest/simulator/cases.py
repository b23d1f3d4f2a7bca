"""The sample tracks' scripts: one breach a case."""

from dataclasses import dataclass

from ingest.simulator.breaches import BreachKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One sample: a truck of this base and plant departs, loaded, at ``hour`` with a breach."""

    name: str
    kind: BreachKind
    text: str
    base: str
    plant: str
    hour: float = 10.0
    minutes: float = 60.0
    for_good: bool = False  # the terminal never comes back


CASES = (
    Case(name="off_designated_road", kind=BreachKind.OFF_DESIGNATED_ROAD, base="gate.west", plant="plant.b",
         text="a loaded truck cuts through side streets; off its corridor too"),
    Case(name="off_corridor", kind=BreachKind.OFF_CORRIDOR, base="gate.south", plant="plant.b",
         text="it keeps to designated roads, but not to those of its waybill"),
    Case(name="barred_area", kind=BreachKind.BARRED_AREA, base="gate.south", plant="plant.wharf",
         text="through a barred area, hence off the designated roads and its corridor too"),
    Case(name="barred_hours", kind=BreachKind.BARRED_HOURS, base="gate.southwest", plant="plant.a",
         text="through the timed area at ten in the morning"),
    Case(name="barred_hours_at_night", kind=BreachKind.BARRED_HOURS, base="gate.southwest", plant="plant.a",
         hour=21.0, text="the same way at nine in the evening: the area is open, the rest is not"),
    Case(name="overspeed", kind=BreachKind.OVERSPEED, base="gate.west", plant="plant.a",
         text="four kilometres at 76 km/h where 60 is allowed"),
    Case(name="overspeed_expressway", kind=BreachKind.OVERSPEED, base="gate.ringwest", plant="plant.wharf",
         text="four kilometres too fast on expressway or trunk road"),
    Case(name="illegal_stop", kind=BreachKind.ILLEGAL_STOP, base="gate.west", plant="plant.wharf", minutes=75,
         text="fifteen minutes on the hard shoulder with a full tank"),
    Case(name="stop_on_no_stop", kind=BreachKind.STOP_ON_NO_STOP, base="gate.south", plant="plant.a",
         text="four minutes on the bridge"),
    Case(name="silent", kind=BreachKind.SILENT, base="gate.west", plant="plant.b",
         text="the terminal dies on the way and comes back after 16 minutes"),
    Case(name="silent_for_good", kind=BreachKind.SILENT, base="gate.ringeast", plant="plant.b", for_good=True,
         text="the terminal dies on the way and is never heard again"),
    Case(name="no_waybill", kind=BreachKind.NO_WAYBILL, base="gate.west", plant="plant.a",
         text="loaded, without any waybill"),
    Case(name="waybill_mismatch", kind=BreachKind.WAYBILL_MISMATCH, base="gate.south", plant="plant.wharf",
         text="the waybill was written for another plate"),
    Case(name="no_permit", kind=BreachKind.NO_PERMIT, base="gate.south", plant="plant.south",
         text="its permit ran out the day before"),
    Case(name="blacklisted_vehicle", kind=BreachKind.BLACKLISTED_VEHICLE, base="gate.ringeast",
         plant="plant.wharf", text="the vehicle is on the blacklist"),
    Case(name="blacklisted_driver", kind=BreachKind.BLACKLISTED_DRIVER, base="gate.ringwest", plant="plant.a",
         text="the driver named on its waybill is on the blacklist"),
)  # fmt: skip
