"""Which permits of a vehicle cover a road or area at a time, for the goods and the load on board."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Floats, Ints, Mask, Rows, Times
from hazmat.registry import Registry

REASONS = ("none", "revoked", "road", "expired", "goods", "class", "load", "hour")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a permit is wanted for, a row a question.

    ``name``: index into ``fences.names``. ``class_bits``: of the goods on board. ``un`` and ``load_t`` by the
    waybill of what is on board: -1 and NaN where nothing is, or nobody knows.
    """

    vehicle: Ints
    name: Ints
    times: Times
    class_bits: Ints
    un: Ints
    load_t: Floats

    def take(self, row: Rows) -> "Wanted":
        """These questions."""
        return Wanted(
            self.vehicle[row],
            self.name[row],
            self.times[row],
            self.class_bits[row],
            self.un[row],
            self.load_t[row],
        )


def covering_permit(wanted: Wanted, registry: Registry) -> Ints:
    """Row of a permit that covers each question, of several the one that ends last; -1: none does."""
    place, permit = registry.permits.expand(wanted.vehicle)
    covers = np.logical_and.reduce(list(permit_tests(permit, wanted.take(place), registry).values()))
    place, permit = place[covers], permit[covers]
    order = np.argsort(registry.permit_table.valid_to[permit], kind="stable")
    best = np.full(len(wanted.vehicle), -1, np.int64)
    best[place[order]] = permit[order]  # the one that ends last is written last
    return best


def wanted_on(waybill: Ints, vehicle: Ints, times: Times, registry: Registry) -> Wanted:
    """What a permit is wanted for by the waybill of the goods on board, wherever that is."""
    papers = registry.waybill_table
    nowhere = np.full(len(waybill), -1, np.int64)
    return Wanted(
        vehicle, nowhere, times, papers.class_bit[waybill], papers.un[waybill], papers.quantity_t[waybill]
    )


def toxic_cover(wanted: Wanted, registry: Registry) -> Mask:
    """Whether a toxic-goods pass covers each question, wherever it is asked."""
    place, permit = _toxic(wanted, registry)
    tests = permit_tests(permit, wanted.take(place), registry)
    covers = np.logical_and.reduce([good for name, good in tests.items() if name != "road"])
    return np.bincount(place[covers], minlength=len(wanted.vehicle)) > 0


def _toxic(wanted: Wanted, registry: Registry) -> tuple[Rows, Rows]:
    place, permit = registry.permits.expand(wanted.vehicle)
    toxic = registry.permit_table.toxic[permit]
    return place[toxic], permit[toxic]


def permit_tests(permit: Rows, wanted: Wanted, registry: Registry) -> dict[str, Mask]:
    """What each permit has to meet for the question beside it, in the order of ``REASONS``."""
    table, times = registry.permit_table, wanted.times
    return {
        "revoked": table.good(permit, times),
        "road": table.names(permit, wanted.name),
        "expired": (table.valid_from[permit] <= times) & (times < table.valid_to[permit]),
        "goods": table.for_goods(permit, wanted.un),
        "class": (table.class_bits[permit] & wanted.class_bits) != 0,
        "load": ~(wanted.load_t > table.max_load_t[permit]),  # NaN compares false
        "hour": table.hours.run(permit, times),
    }


def why_not(wanted: Wanted, registry: Registry, *, toxic: bool = False) -> str:
    """For one question: why no permit (no toxic-goods pass) covers it, by the one that comes nearest."""
    place, permit = _toxic(wanted, registry) if toxic else registry.permits.expand(wanted.vehicle)
    if not len(permit):
        return "none"
    tests = permit_tests(permit, wanted.take(place), registry)
    if toxic:
        del tests["road"]
    failed = [[name for name, good in tests.items() if not good[nth]] for nth in range(len(permit))]
    nearest = min(failed, key=lambda names: (len(names), [-REASONS.index(name) for name in names]))
    return nearest[0] if nearest else ""
