"""Permits as columns: what each covers, where and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import TIME_DTYPE, Floats, Ints, Mask, Rows, Times
from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, PermitKind, PermitState
from hazmat.goods import un_number
from hazmat.hazard_bits import class_bits
from hazmat.lookup import Keys, Links
from hazmat.schedule import Hours

_UN_NUMBERS = 10_000
_NEVER = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PermitTable:
    """A row a permit. ``max_load_t`` is infinite where the permit says none.

    ``listings``: entries of the blacklist against each, from ``listed_from`` to ``listed_to``.

    ``_names_fence`` and ``_names_goods`` hold (permit, fence name) and (permit, UN number) pairs as one
    sorted number each.
    """

    hours: Hours
    class_bits: Ints
    valid_from: Times
    valid_to: Times
    listings: Links
    listed_from: Times
    listed_to: Times
    active: Mask
    toxic: Mask
    any_goods: Mask
    max_load_t: Floats
    _names_fence: Ints
    _fence_count: int
    _names_goods: Ints

    @classmethod
    def of(
        cls,
        permits: Sequence[Permit],
        fences: Keys,
        holidays: Sequence[date] = (),
        listed: Sequence[BlacklistEntry] = (),
    ) -> Self:
        """From the permits; a road that is no fence in force counts for nothing."""
        count = len(fences.ids)
        rows = {permit.permit_no: row for row, permit in enumerate(permits)}
        listed = [e for e in listed if e.kind is BlacklistKind.PERMIT and e.subject_id in rows]
        roads = [
            row * count + fences.index[road]
            for row, permit in enumerate(permits)
            for road in permit.roads
            if road in fences.index
        ]
        goods = [row * _UN_NUMBERS + un_number(un_no) for row, p in enumerate(permits) for un_no in p.un_nos]
        return cls(
            hours=Hours.of([p.schedule for p in permits], holidays),
            class_bits=np.array([class_bits(p.hazard_classes) for p in permits], np.int64),
            valid_from=np.array([to_time(p.valid_from) for p in permits], TIME_DTYPE),
            valid_to=np.array([to_time(p.valid_to) for p in permits], TIME_DTYPE),
            listings=Links.of(np.array([rows[e.subject_id] for e in listed], np.int64), len(permits)),
            listed_from=np.array([to_time(e.valid_from) for e in listed], TIME_DTYPE),
            listed_to=np.array([to_time(e.valid_to or _NEVER) for e in listed], TIME_DTYPE),
            active=np.array([p.state is PermitState.ACTIVE for p in permits], bool),
            toxic=np.array([p.kind is PermitKind.TOXIC for p in permits], bool),
            any_goods=np.array([not p.un_nos for p in permits], bool),
            max_load_t=np.array([np.inf if p.max_load_t is None else p.max_load_t for p in permits], float),
            _names_fence=np.unique(np.array(roads, np.int64)),
            _fence_count=count,
            _names_goods=np.unique(np.array(goods, np.int64)),
        )

    def names(self, permit: Rows, name: Ints) -> Mask:
        """Whether each permit names the fence beside it (an index into ``fences.names``)."""
        return _among(self._names_fence, permit * self._fence_count + name)

    def good(self, permit: Rows, times: Times) -> Mask:
        """Whether each permit was issued and neither used, revoked nor on the blacklist at the time."""
        good = self.active[permit]
        row, entry = self.listings.expand(permit)
        now = times[row]
        good[row[(self.listed_from[entry] <= now) & (now < self.listed_to[entry])]] = False
        return good

    def for_goods(self, permit: Rows, un: Ints) -> Mask:
        """Whether each permit is for the UN number beside it; of goods unknown (-1) nobody can say: yes."""
        listed = _among(self._names_goods, permit * _UN_NUMBERS + un)
        return self.any_goods[permit] | (un < 0) | listed


def _among(known: Ints, wanted: Ints) -> Mask:
    found: Mask = np.append(known, -1)[np.searchsorted(known, wanted)] == wanted
    return found
