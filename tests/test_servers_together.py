"""`hazmat demo` and `hazmat serve` for real: they answer, heal, stop, and leave behind their data alone."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from paho.mqtt.publish import single

from hazmat.store.local import local_server
from tests.installation import Installation, alive, run, until
from tests.servers.mosquitto import Mosquitto

READY = "The map is at"


def count(dsn: str, query: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def grows(installation: Installation, query: str, dsn: str | None = None, seconds: float = 40) -> None:
    """Wait until the query counts more than it does now."""
    dsn = dsn or local_server(installation.data_dir, None).dsn
    before = count(dsn, query)
    until(lambda: count(dsn, query) > before, seconds, lambda: installation.report(f"does not grow: {query}"))


POSITIONS = "SELECT count(*) FROM positions"


@pytest.fixture(scope="module")
def demo(server_folder: Path) -> Installation:
    """A demo's data directory that tests start again and again, as a user does."""
    return Installation(server_folder / "demo" / "data", "demo", "--vehicles", "40")


def test_demo_shows_trucks_and_stops_on_ctrl_c(demo: Installation) -> None:
    with demo:
        line = demo.says(READY)
        assert line.strip() == f"The map is at  http://127.0.0.1:{demo.port}/"
        assert any("Ctrl-C" in said for said in demo.lines) or demo.says("Ctrl-C")
        status, text = demo.get()
        assert (status, "<html" in text) == (200, True)
        grows(demo, POSITIONS)
        grows(demo, POSITIONS)
        children = demo.children()
        assert len(children) == 6, children
        seconds = demo.stop(signal.SIGINT)
    assert demo.process.returncode == 0, demo.report("exit code")
    assert demo.lines[-2:] == ["stopping …", "stopped"]
    assert seconds < 10
    assert not alive(children)
    assert not any("ended" in said or "Traceback" in said for said in demo.lines), demo.report("trouble")


def test_data_is_used_again(demo: Installation) -> None:
    with demo:
        demo.says(READY)
        dsn = local_server(demo.data_dir, None).dsn
        assert count(dsn, "SELECT count(*) FROM vehicles") == 40
        assert count(dsn, POSITIONS) > 0
        assert not any("imported" in line or "applied" in line for line in demo.lines)
        grows(demo, POSITIONS)
        demo.stop(signal.SIGTERM)
    assert demo.process.returncode == 0


def test_killed_children_are_started_again(demo: Installation) -> None:
    with demo:
        demo.says(READY)
        for name in ("ingest", "dashboards", "timers", "simulator"):
            first = demo.child(f"run-{name}")
            os.kill(first, signal.SIGKILL)
            demo.says(f"{name} ended")
            demo.says(f"{name} started again")
            assert demo.child(f"run-{name}") != first
        grows(demo, POSITIONS)
        until(lambda: demo.get()[0] == 200, 20, lambda: demo.report("the page does not answer"))


def test_killed_servers_are_started_again_and_the_others_wait(demo: Installation) -> None:
    with demo:
        demo.says(READY)
        grows(demo, POSITIONS)
        for name, program in (("database", "postgres"), ("broker", "nats-server")):
            os.kill(demo.child(program), signal.SIGKILL)
            demo.says(f"{name} started again")
            grows(demo, POSITIONS)
        ended = [line.partition(" ")[0] for line in demo.lines if " ended" in line]
        assert ended == ["database", "broker"]


def test_nothing_outlives_a_killed_supervisor(demo: Installation) -> None:
    with demo:
        demo.says(READY)
        children = demo.children()
        demo.process.kill()
        until(lambda: not alive(children), 15, lambda: f"left over: {alive(children)}")
    with demo:  # and the next one starts on what is there
        demo.says(READY)
        grows(demo, POSITIONS)


def test_a_second_one_on_the_same_data_is_refused(demo: Installation) -> None:
    with demo:
        demo.says(READY)
        second = run("serve", settings={"HAZMAT_DATA_DIR": str(demo.data_dir), "HAZMAT_PORT": "18080"})
        assert second.returncode == 1
        assert f"hazmat runs already on {demo.data_dir} (process {demo.process.pid})" in second.stderr
        migrated = run("migrate", settings={"HAZMAT_DATA_DIR": str(demo.data_dir)})
        assert migrated.stdout.endswith("up to date\n"), "a command finds the server that runs"
        doctor = run("doctor", settings={"HAZMAT_DATA_DIR": str(demo.data_dir)})
        assert "PostgreSQL 1" in doctor.stdout


def test_serve_with_servers_of_ones_own(
    postgres_database: str, mosquitto_broker: Mosquitto, fresh_folder: Path
) -> None:
    own = {"DATABASE_URL": postgres_database, "MQTT_URL": mosquitto_broker.url}
    with Installation(fresh_folder / "data", "serve", settings=own) as installation:
        installation.says(READY)
        assert len(installation.children()) == 3
        payload = f'{{"fix_time": {time.time_ns() // 1_000_000}, "lon": 121.6, "lat": 29.95}}'
        topic = "hazmat/v1/TEST-1/position"
        single(topic, payload, qos=1, hostname=mosquitto_broker.host, port=mosquitto_broker.port)
        until(
            lambda: count(postgres_database, POSITIONS) == 1,
            20,
            lambda: installation.report("the fix did not arrive"),
        )
        installation.stop()
    assert installation.process.returncode == 0
    assert not (fresh_folder / "data" / "postgres").exists()


def test_serve_waits_for_a_database_that_is_away(
    mosquitto_broker: Mosquitto, fresh_folder: Path, postgres_database: str
) -> None:
    away = postgres_database.replace("/test_", "/gone_")
    own = {"DATABASE_URL": away, "MQTT_URL": mosquitto_broker.url}
    with Installation(fresh_folder / "data", "serve", settings=own) as installation:
        installation.says("waiting for the database: ")
        time.sleep(2.5)
        assert len([line for line in installation.lines if "waiting" in line]) == 1
        assert installation.stop() < 5
    assert installation.process.returncode == 0


def test_demo_never_overwrites_a_registry_that_is_not_its_own(
    postgres_database: str, mosquitto_broker: Mosquitto, fresh_folder: Path
) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "INSERT INTO vehicles VALUES ('V1', '浙B12345', 'yellow', 'C1', '某', 'tanker', '', '{}', '{}')"
        )
    own = {"DATABASE_URL": postgres_database, "MQTT_URL": mosquitto_broker.url}
    with Installation(fresh_folder / "data", "demo", settings=own) as installation:
        installation.says("the demo would overwrite it")
        installation.process.wait(20)
    assert installation.process.returncode == 1
    assert count(postgres_database, "SELECT count(*) FROM vehicles") == 1
