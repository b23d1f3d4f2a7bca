"""Commands of `hazmat` that come to an end: what they say and their exit codes."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from hazmat.childprocess import free_port
from hazmat.settings import OPTIONS, Settings, read_settings, to_environment, without_password
from ingest.broker import MqttBroker, NatsBroker
from rules.catalogue import CATALOGUE
from tests.installation import Installation, run

ROOT = Path(__file__).parent.parent
WORLD = ROOT / "sample_tracks" / "world"
ALERT = """
    INSERT INTO alerts (alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at,
                        last_hit_at, fixes, value, lon, lat, evidence, registry_version, batch_no)
    VALUES (repeat('a', 32), 'BV0001', 'overspeed', '', 'yellow', 'firing', now(), now(), now(),
            3, 91, 121.6, 29.95, '{}', 1, 1)
"""


def said_calmly(process: subprocess.CompletedProcess[str], text: str) -> None:
    """Exit code 1, one complaint with this text and no stack trace."""
    assert process.returncode == 1, process.stdout + process.stderr
    assert text in process.stderr
    assert process.stderr.startswith("hazmat: ")
    assert "Traceback" not in process.stdout + process.stderr


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom hazmat.__main__ import main\n"
        "try: main(['--help'])\nexcept SystemExit: print(sorted(sys.modules))"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for command in (
        "demo",
        "serve",
        "doctor",
        "import",
        "migrate",
        "map",
        "simulate",
        "replay",
        "rules",
        "bench",
    ):
        assert re.search(rf"^    {command} +\w", process.stdout, re.MULTILINE), command
    for module in ("numpy", "psycopg", "paho", "fastapi"):
        assert f"'{module}'" not in process.stdout
    assert "run-ingest" not in process.stdout


def test_readme_shows_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for option in OPTIONS.values():
        default = "" if option.default in {None, ""} else f"`{option.default}`"
        assert f"| `{option.variable}` | {default} | {option.meaning} |" in readme


def test_settings_are_fields_of_settings() -> None:
    assert list(OPTIONS) == list(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("variable", "text", "wanted"),
    [
        ("HAZMAT_PORT", "many", "HAZMAT_PORT must be a port from 1 to 65535, not 'many'"),
        ("HAZMAT_PORT", "65536", "HAZMAT_PORT must be a port"),
        ("HAZMAT_BATCH_ROWS", "1.5", "HAZMAT_BATCH_ROWS must be a whole number"),
        ("HAZMAT_BATCH_SECONDS", "nan", "HAZMAT_BATCH_SECONDS must be a number greater than 0"),
        ("HAZMAT_RETENTION_DAYS", "-1", "HAZMAT_RETENTION_DAYS must be a whole number"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(variable: str, text: str, wanted: str) -> None:
    said_calmly(run("doctor", settings={variable: text}), wanted)


def test_settings_survive_the_way_to_a_child() -> None:
    given = {"DATABASE_URL": "postgresql://x", "HAZMAT_BATCH_SECONDS": "0.25", "HAZMAT_DATA_DIR": "/data"}
    settings = read_settings(given)
    assert read_settings(to_environment(settings)) == settings
    assert to_environment(read_settings({}))["HAZMAT_DATA_DIR"] == str(Path("data").absolute())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mqtts://ingest:se%20cret@broker:8883", "mqtts://ingest:***@broker:8883"),
        ("postgresql://u:p@db/hazmat?sslmode=require", "postgresql://u:***@db/hazmat?sslmode=require"),
        ("host=db password='a b' user=u", "host=db password=*** user=u"),
        ("postgresql://u@db/hazmat", "postgresql://u@db/hazmat"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_doctor_finds_the_embedded_servers(fresh_folder: Path) -> None:
    process = run("doctor", settings={"HAZMAT_DATA_DIR": str(fresh_folder / "data")})
    assert process.returncode == 0, process.stdout + process.stderr
    assert "embedded PostgreSQL, programs in" in process.stdout
    assert "embedded NATS server" in process.stdout
    assert "nothing is missing" in process.stdout
    assert re.search(rf"HAZMAT_DATA_DIR +{fresh_folder}/data +environment", process.stdout)
    assert re.search(r"HAZMAT_PORT +8080 +default", process.stdout)
    assert not (fresh_folder / "data").exists(), "doctor only looks"


def test_doctor_misses_what_does_not_answer(fresh_folder: Path) -> None:
    settings = {
        "HAZMAT_DATA_DIR": str(fresh_folder),
        "DATABASE_URL": f"postgresql://u:secret@127.0.0.1:{free_port()}/x",
        "MQTT_URL": f"mqtt://u:secret@127.0.0.1:{free_port()}",
    }
    process = run("doctor", settings=settings)
    assert process.returncode == 1
    assert process.stdout.count("MISSING") == 2
    assert "correct DATABASE_URL" in process.stdout
    assert "correct MQTT_URL" in process.stdout
    assert "secret" not in process.stdout + process.stderr


def test_doctor_misses_a_folder_without_programs(fresh_folder: Path) -> None:
    process = run(
        "doctor", settings={"HAZMAT_DATA_DIR": str(fresh_folder), "HAZMAT_POSTGRES_BIN": "/nowhere"}
    )
    assert process.returncode == 1
    assert "no postgres and initdb in /nowhere" in process.stdout


def test_doctor_tells_the_database_s_edition(any_database: str, request: pytest.FixtureRequest) -> None:
    process = run("doctor", settings={"DATABASE_URL": any_database})
    assert process.returncode == 0, process.stdout + process.stderr
    timescale = "timescale" in request.node.name
    assert ("Apache edition" in process.stdout) == timescale
    assert ("no TimescaleDB" in process.stdout) == (not timescale)


def test_doctor_tells_the_broker(any_broker: MqttBroker, fresh_folder: Path) -> None:
    settings = {"HAZMAT_DATA_DIR": str(fresh_folder), "MQTT_URL": any_broker.url}
    process = run("doctor", settings=settings)
    assert process.returncode == 0, process.stdout + process.stderr
    nats = isinstance(any_broker, NatsBroker)
    assert ("does not tell its version" if nats else "mosquitto version") in process.stdout


def test_migrate_twice(fresh_folder: Path) -> None:
    settings = {"HAZMAT_DATA_DIR": str(fresh_folder / "data")}
    first, second = (run("migrate", settings=settings) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "applied 0001_registry" in first.stdout
    assert second.stdout.splitlines()[-1] == "up to date"


def test_migrate_without_a_database() -> None:
    url = f"postgresql://127.0.0.1:{free_port()}/x"
    said_calmly(run("migrate", settings={"DATABASE_URL": url}), "no connection to the database")


def test_import_replaces_the_registry(postgres_database: str) -> None:
    process = run("import", str(WORLD), settings={"DATABASE_URL": postgres_database})
    assert process.returncode == 0, process.stderr
    count = re.search(r"(\d+) vehicles", process.stdout)
    with psycopg.connect(postgres_database) as connection:
        stored = connection.execute("SELECT count(*) FROM vehicles").fetchone()
    assert count and stored == (int(count[1]),)
    assert int(count[1]) > 0


def test_a_faulty_world_is_refused_with_every_fault(postgres_database: str, tmp_path: Path) -> None:
    (tmp_path / "fences.geojson").write_text(
        '{"type": "FeatureCollection", "datum": "WGS-85", "features": [{"type": "Feature"}]}'
    )
    (tmp_path / "registry.json").write_text('{"vehicles": [{"vehicle_id": "a b"}]}')
    process = run("import", str(tmp_path), settings={"DATABASE_URL": postgres_database})
    said_calmly(process, "fences.geojson")
    assert "registry.json" in process.stderr
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT count(*) FROM vehicles").fetchone() == (0,)


def test_no_folder_to_import(postgres_database: str, tmp_path: Path) -> None:
    process = run("import", str(tmp_path / "none"), settings={"DATABASE_URL": postgres_database})
    said_calmly(process, "none")


def test_no_such_alert_to_draw(postgres_database: str, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    arguments = ("map", "0123456789abcdef", "--out", str(out))
    said_calmly(run(*arguments, settings={"DATABASE_URL": postgres_database}), "no alert '0123456789abcdef'")
    assert not out.exists()


def test_an_alert_s_map_is_one_file(postgres_database: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute(ALERT)
    out = tmp_path / "map.html"
    process = run("map", "a" * 32, "--out", str(out), settings={"DATABASE_URL": postgres_database})
    assert process.returncode == 0, process.stderr
    assert process.stdout == f"wrote {out}\n"
    assert "<html" in out.read_text("utf-8")


def test_replay_gives_the_expected_alerts(tmp_path: Path) -> None:
    case = ROOT / "sample_tracks" / "overspeed"
    out = tmp_path / "alerts.json"
    process = run("replay", str(case / "track.ndjson"), "--world", str(WORLD), "--out", str(out))
    assert process.returncode == 0, process.stderr
    found, expected = json.loads(out.read_text()), json.loads((case / "expected.json").read_text())
    told = [alert["rule_id"] for alert in found if not CATALOGUE[alert["rule_id"]].for_driver_only]
    assert told == [alert["rule_id"] for alert in expected]
    assert expected


def test_replay_names_the_line_that_it_cannot_read(tmp_path: Path) -> None:
    track = tmp_path / "track.ndjson"
    track.write_text('{"until": "2026-01-01T00:00:00Z"}\n{"topic": 1}\n')
    process = run("replay", str(track), "--world", str(WORLD))
    assert process.returncode == 2
    assert "track.ndjson" in process.stderr
    assert "2" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_port_in_use_is_said_plainly(fresh_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = {"HAZMAT_DATA_DIR": str(fresh_folder / "data"), "HAZMAT_PORT": str(port)}
        process = run("serve", settings=settings)
    said_calmly(process, f"port {port} on 127.0.0.1 is in use by another program: choose another with --port")


def test_an_address_that_is_not_ours_is_said_plainly(fresh_folder: Path) -> None:
    settings = {"HAZMAT_DATA_DIR": str(fresh_folder / "data"), "HAZMAT_HOST": "192.0.2.1"}
    said_calmly(run("serve", settings=settings), "cannot listen on port 8080 of 192.0.2.1")


def test_a_broker_port_in_use_is_said_plainly(fresh_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = {"HAZMAT_MQTT_PORT": str(port)}
        with Installation(fresh_folder / "data", "serve", settings=taken) as installation:
            installation.says(f"port {port} on 127.0.0.1 is in use by another program: choose another with")
            installation.process.wait(20)
    assert installation.process.returncode == 1
