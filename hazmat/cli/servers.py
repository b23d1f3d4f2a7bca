"""`hazmat serve` and `hazmat demo`: servers where none are given, and one process each for our parts."""

from __future__ import annotations

import errno
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import replace

from hazmat.childprocess import LOOPBACK, free_port
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import bring_up_to_date
from hazmat.cli.demo_accounts import ensure_demo_accounts, say_if_nobody_can_sign_in
from hazmat.cli.sample import ensure_sample_world
from hazmat.cli.tls import demand_pair
from hazmat.settings import Settings, to_environment, without_password
from hazmat.store.errors import StoreUnavailable
from hazmat.store.local import local_server
from hazmat.supervisor import OwnProcess, StopRequested, Supervisor, alone_on, stop_on_signals
from ingest.broker import NatsBroker

_PORT_PATIENCE_SECONDS = 3.0  # a predecessor that was killed may take a moment to let go of it
_RETRY_SECONDS = 1.0


def serve(settings: Settings) -> int:
    """Run everything but a simulator until Ctrl-C or SIGTERM; returns the exit code."""
    return _run(settings, vehicles=0)


def demo(settings: Settings, vehicles: int) -> int:
    """Run everything with the sample world and so many simulated trucks; returns the exit code."""
    if not settings.mqtt_url and _cannot_listen(LOOPBACK, settings.mqtt_port):
        settings = replace(settings, mqtt_port=free_port())  # no terminal outside knows the demo's broker
    return _run(settings, vehicles)


def _run(settings: Settings, vehicles: int) -> int:
    with stop_on_signals():
        supervisor = Supervisor(say)
        try:
            with alone_on(settings.data_dir):
                _start(supervisor, settings, vehicles)
                supervisor.watch()
        except StopRequested:
            say("stopping …")
        finally:
            supervisor.stop()
    say("stopped")
    return 0


def _start(supervisor: Supervisor, settings: Settings, vehicles: int) -> None:
    names = ("--tls-cert or HAZMAT_TLS_CERT", "--tls-key or HAZMAT_TLS_KEY")
    demand_pair(settings.tls_cert, settings.tls_key, names)
    _demand_free(settings.host, settings.port, "--port or HAZMAT_PORT")
    settings = _start_servers(supervisor, settings)
    assert settings.database_url
    for applied in _migrated(settings.database_url):
        say(f"database: applied {applied}")
    if vehicles:
        ensure_sample_world(settings.database_url, vehicles, say)
        ensure_demo_accounts(settings.database_url, say)
    else:
        say_if_nobody_can_sign_in(settings.database_url, say)
    _start_ours(supervisor, settings, vehicles)
    say(
        f"\n  The map is at  {page(settings)}\n  Ctrl-C stops everything; data stays in {settings.data_dir}\n"
    )


def _start_servers(supervisor: Supervisor, settings: Settings) -> Settings:
    """Start what is embedded and return the settings with both addresses filled in."""
    if not settings.database_url:
        postgres = local_server(settings.data_dir, settings.postgres_bin)
        supervisor.add("database", postgres)
        settings = replace(settings, database_url=postgres.dsn)
    if not settings.mqtt_url:
        _demand_free(LOOPBACK, settings.mqtt_port, "HAZMAT_MQTT_PORT")
        broker = NatsBroker(settings.data_dir / "nats", settings.mqtt_port)
        supervisor.add("broker", broker)
        settings = replace(
            settings, mqtt_url=broker.url, mqtt_redelivery_seconds=float(broker.ack_wait_seconds)
        )
    say(f"database  {without_password(settings.database_url or '')}")
    say(f"broker    {without_password(settings.mqtt_url or '')}")
    return settings


def _migrated(dsn: str) -> list[str]:
    """Bring the database up to date; one that is away is waited for and said once."""
    said = False
    while True:
        try:
            return bring_up_to_date(dsn)
        except StoreUnavailable as error:
            if not said:
                say(f"waiting for the database: {' '.join(str(error).split())}")
            said = True
            time.sleep(_RETRY_SECONDS)


def _start_ours(supervisor: Supervisor, settings: Settings, vehicles: int) -> None:
    def add(name: str, arguments: Sequence[str] = ()) -> None:
        process = _own(name, [f"run-{name}", *arguments], settings)
        supervisor.add(name, process)

    add("timers")
    add("ingest")
    add("dashboards")
    if vehicles:
        add("simulator", ["--vehicles", str(vehicles)])


def _own(name: str, arguments: Sequence[str], settings: Settings) -> OwnProcess:
    log = settings.data_dir / "log" / f"{name}.log"
    environment = {**to_environment(settings), "PYTHONUNBUFFERED": "1"}
    if name != "dashboards":
        return OwnProcess(arguments, log, environment)
    return OwnProcess(arguments, log, environment, lambda: answers(f"{page(settings)}healthz"))


def page(settings: Settings) -> str:
    """Address of the map for a browser on this machine."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::", ""} else settings.host
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def answers(url: str) -> bool:
    """Whether a page of this machine answers with success; its certificate is not looked at."""
    unasked = ssl.create_default_context()
    unasked.check_hostname, unasked.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=2.0, context=unasked) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def say(line: str) -> None:
    """One line on the terminal, at once."""
    print(line, flush=True)


def _demand_free(host: str, port: int, remedy: str) -> None:
    deadline = time.monotonic() + _PORT_PATIENCE_SECONDS
    while trouble := _cannot_listen(host, port):
        if time.monotonic() > deadline:
            raise ConditionError(f"{trouble}: choose another with {remedy}")
        time.sleep(0.1)


def _cannot_listen(host: str, port: int) -> str | None:
    """Why we cannot listen there, None if we can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT is no use
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} on {host} is in use by another program"
            return f"cannot listen on port {port} of {host} ({error.strerror})"
        return None
