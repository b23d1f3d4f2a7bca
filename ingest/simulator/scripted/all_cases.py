"""Every scripted case, by chapter of the catalogue."""

from ingest.simulator.scripted import (
    conduct,
    device,
    documents,
    emergency,
    load,
    place,
    together,
    traps,
)
from ingest.simulator.scripted.case import Case

CASES: tuple[Case, ...] = (
    *place.CASES,
    *conduct.CASES,
    *documents.CASES,
    *device.CASES,
    *load.CASES,
    *together.CASES,
    *emergency.CASES,
    *traps.CASES,
)
