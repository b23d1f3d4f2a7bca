"""The registry in force: a newer good one is taken, a bad one edited by hand is not, and says why."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.pool import Pool
from hazmat.store.registry import import_world
from hazmat.store.screens import Screens
from ingest.registry_watch import RegistryWatch
from ingest.simulator.world import make_world
from tests.flow_rig import wait_for


def small_world() -> World:
    return make_world(4, 1, now().replace(microsecond=0), breach_percent=0)


@contextmanager
def watching(dsn: str) -> Iterator[RegistryWatch]:
    stop = threading.Event()
    watch = RegistryWatch(dsn, stop)
    watch.start()
    try:
        yield watch
    finally:
        stop.set()


def edit(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement)


def refusal(dsn: str) -> str:
    screens = Screens(Pool(dsn))
    try:
        return screens.registry_refusal()
    finally:
        screens.close()


EDITS = {
    "two vehicles of one plate": (
        "UPDATE vehicles SET plate = (SELECT min(plate) FROM vehicles)",
        "plate, plate_colour: same as vehicles[0]",
    ),
    "a waybill without vehicle": (
        "UPDATE waybills SET vehicle_id = 'NOBODY' WHERE waybill_no = (SELECT min(waybill_no) FROM waybills)",
        "vehicle_id: no row of vehicles is NOBODY",
    ),
    "a setting of no rule": (
        "INSERT INTO rule_settings (rule_id, valid_from) VALUES ('underspeed', now())",
        "rule_settings[0] (underspeed): rule_id: no such rule",
    ),
    "a hazard class that is none": (
        "UPDATE waybills SET hazard_class = '12'",
        "unknown hazard class '12'",
    ),
    "a fence of no shape": (
        """UPDATE fences SET geometry = '{"type": "Polygon", "coordinates": [[[121, 30]]]}'
        WHERE fence_id = 'bridge.zhaobaoshan' OR kind = 'no_stop'""",
        "geometry",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_edited_to_nonsense_leaves_the_last_good_one_in_force(
    postgres_database: str, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    world = small_world()
    import_world(postgres_database, world)
    statement, says = EDITS[name]
    with watching(postgres_database) as watch, caplog.at_level(logging.ERROR, "ingest.registry_watch"):
        good = watch.registry
        edit(postgres_database, statement)
        wait_for(lambda: bool(refusal(postgres_database)))
        assert says in refusal(postgres_database)
        assert watch.registry is good
        threading.Event().wait(2.5)  # looked at again, and not said again
        assert len(caplog.records) == 1
        import_world(postgres_database, world)
        wait_for(lambda: watch.registry.version > good.version)
        assert refusal(postgres_database) == ""


def test_a_good_change_is_taken(postgres_database: str) -> None:
    world = small_world()
    import_world(postgres_database, world)
    with watching(postgres_database) as watch:
        later = tuple(replace(w, valid_to=w.valid_to + timedelta(hours=1)) for w in world.waybills)
        import_world(postgres_database, replace(world, waybills=later))
        wait_for(lambda: set(watch.registry.world.waybills) == set(later))


def test_a_database_that_was_never_good_is_an_error_at_the_start(postgres_database: str) -> None:
    import_world(postgres_database, small_world())
    edit(postgres_database, "DELETE FROM vehicles")
    with pytest.raises(ValueError, match="vehicle_id: no row of vehicles is"):
        RegistryWatch(postgres_database, threading.Event())
    assert "vehicle_id: no row of vehicles is" in refusal(postgres_database)
