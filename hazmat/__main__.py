"""The command `hazmat`: what there is to say, and which function does it. All wiring begins here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from hazmat.accounts import Department, Role
from hazmat.cli.arguments import (
    bench_arguments,
    broker_arguments,
    coverage_arguments,
    scoring_arguments,
    simulation_arguments,
)
from hazmat.cli.complaint import complain, is_expected
from hazmat.cli.data_folder import with_open_data_dir
from hazmat.logs import configure_logs
from hazmat.settings import Settings, read_settings

Command = Callable[[argparse.Namespace, Settings], int]

# Each command imports what it needs when it is called, so that `hazmat --help` is quick.


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.servers import demo

    return demo(_listening(options, settings), options.vehicles)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.servers import serve

    return serve(_listening(options, settings))


def _doctor(_: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.doctor import doctor

    return doctor(settings)


def _migrate(_: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.database import migrate_database

    return migrate_database(settings)


def _import(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.database import import_folder

    return import_folder(settings, options.folder)


def _map(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.evidence import write_map

    return write_map(settings, options.alert_id, options.out, options.language)


def _day_map(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.day_map import write_day

    return write_day(settings, options.vehicle, options.day, options.out, options.language)


def _explain(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.explain import explain_alert

    return explain_alert(settings, options.alert_id, options.language)


def _broker_config(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.broker_config import Wanted, broker_config

    return broker_config(settings, Wanted(**{f: getattr(options, f) for f in Wanted.__slots__}))


def _simulate(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.simulation import simulate_trucks

    return simulate_trucks(settings, options.vehicles, options.speed, options.seed, options.world)


def _replay(options: argparse.Namespace, _: Settings) -> int:
    from ingest.replay import replay

    return replay(options.files, options.world, options.out)


def _score(options: argparse.Namespace, _: Settings) -> int:
    from hazmat.cli.score import run_score

    return run_score(options)


def _coverage(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.coverage import print_coverage

    return print_coverage(settings, options.day, options.share)


def _rules(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.catalogue import print_rules
    from hazmat.cli.database import database
    from hazmat.store.registry import load_registry

    if not options.now:
        return print_rules()
    with database(settings) as dsn:
        return print_rules(load_registry(dsn))


def _bench(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.bench_screens import bench_frames
    from hazmat.cli.bench_streams import bench_streams
    from ingest.bench.flow import bench_flow
    from ingest.bench.rules import bench_rules

    if options.what == "screens" and options.streams:
        return bench_streams(settings, options.out)
    if options.what == "screens":
        return bench_frames(settings, options.out)
    if options.what == "rules":
        return bench_rules(settings, options.out, options.vehicles)
    return bench_flow(settings, options.out, options.seconds, options.vehicles)


def _user(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli import user

    if options.what == "list":
        return user.list_users(settings)
    if options.what == "reset":
        return user.reset_user(settings, options.login)
    if options.what in {"disable", "enable"}:
        return user.set_disabled(settings, options.login, options.what == "disable")
    names = ("login", "role", "name", "carrier_id", "department", "password_file")
    return user.add_user(settings, user.Wanted(**{name: getattr(options, name) for name in names}))


def _run_ingest(_: argparse.Namespace, settings: Settings) -> int:
    from ingest.run import run_ingest

    return run_ingest(settings)


def _run_measured_ingest(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.bench.measured import run_measured_ingest

    return run_measured_ingest(settings, options.stages)


def _run_dashboards(_: argparse.Namespace, settings: Settings) -> int:
    from dashboards.serve import serve

    serve(settings)
    return 0


def _run_timers(_: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.timers import run_timers

    return run_timers(settings)


def _run_simulator(options: argparse.Namespace, settings: Settings) -> int:
    from hazmat.cli.simulation import run_simulator

    return run_simulator(settings, options.vehicles)


def _listening(options: argparse.Namespace, settings: Settings) -> Settings:
    given = {name: getattr(options, name) for name in ("host", "port", "tls_cert", "tls_key")}
    return replace(settings, **{name: value for name, value in given.items() if value})


def parser() -> argparse.ArgumentParser:
    """All commands; those of our own processes are not listed in the help."""
    top = argparse.ArgumentParser(
        prog="hazmat", description="Supervision of tanker trucks with hazardous chemicals."
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, run: Command, text: str = "") -> argparse.ArgumentParser:
        # Without help= a command works and is not listed.
        command = (
            commands.add_parser(name, help=text, description=text) if text else commands.add_parser(name)
        )
        command.set_defaults(run=run)
        return command

    _servers(add("demo", _demo, "everything, with a sample world and simulated trucks"), demo=True)
    _servers(add("serve", _serve, "everything, for the terminals that publish to the broker"), demo=False)
    add("doctor", _doctor, "what is there, what is missing and how to get it")
    add("migrate", _migrate, "bring the database to this version's schema")
    add("import", _import, "read a world (fences, vehicles, waybills …) into the database").add_argument(
        "folder", type=Path, metavar="DIR"
    )
    chart = add("map", _map, "write the evidence map of an alert")
    chart.add_argument("alert_id", metavar="ALERT_ID")
    chart.add_argument("--out", type=Path, required=True, metavar="FILE")
    chart.add_argument("--language", choices=["zh", "en"], default="zh", help="zh (Chinese) or en")
    day = add("day-map", _day_map, "write the day map of a vehicle")
    day.add_argument("vehicle", metavar="PLATE_OR_ID")
    day.add_argument("--day", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="local day")
    day.add_argument("--out", type=Path, required=True, metavar="FILE")
    day.add_argument("--language", choices=["zh", "en"], default="zh", help="zh (Chinese) or en")
    why = add("explain", _explain, "say in words why an alert was raised")
    why.add_argument("alert_id", metavar="ALERT_ID")
    why.add_argument("--language", choices=["zh", "en"], default="zh", help="zh (Chinese) or en")
    broker_arguments(add("broker-config", _broker_config, "write a broker's logins: a truck is itself alone"))
    simulation_arguments(add("simulate", _simulate, "drive simulated trucks that publish to the broker"))
    again = add("replay", _replay, "run recorded messages through the rules, without broker and database")
    again.add_argument("files", type=Path, nargs="+", metavar="FILE")
    again.add_argument("--world", type=Path, required=True, metavar="DIR")
    again.add_argument("--out", type=Path, metavar="FILE", help="write the alerts as JSON")
    scoring_arguments(
        add("score", _score, "how often alerts are right: run labelled tracks, beside two-fix logic")
    )
    coverage_arguments(
        add("coverage", _coverage, "trips seen, trips checked by each rule, and what was lacking")
    )
    add("rules", _rules, "print the catalogue of rules as Markdown").add_argument(
        "--now", action="store_true", help="with the numbers that the database's registry has in force"
    )
    bench_arguments(add("bench", _bench, "measure what the flow carries on this machine"))
    _users(add("user", _user, "who may sign in: add, disable, enable, reset, list"))
    add("run-ingest", _run_ingest)
    add("run-measured-ingest", _run_measured_ingest).add_argument("stages", type=Path)
    add("run-dashboards", _run_dashboards)
    add("run-timers", _run_timers)
    add("run-simulator", _run_simulator).add_argument("--vehicles", type=int, required=True)
    return top


def _servers(command: argparse.ArgumentParser, *, demo: bool) -> None:
    command.add_argument("--host", help="address to listen on (HAZMAT_HOST, else 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (HAZMAT_PORT, else 8080)")
    command.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate, PEM (HAZMAT_TLS_CERT)")
    command.add_argument("--tls-key", type=Path, metavar="FILE", help="its key (HAZMAT_TLS_KEY)")
    if demo:
        command.add_argument("--vehicles", type=int, default=300, help="simulated trucks (300)")


def _users(command: argparse.ArgumentParser) -> None:
    what = command.add_subparsers(dest="what", metavar="WHAT", required=True)
    new = what.add_parser("add", help="make an account; its password is printed once")
    new.add_argument("login", metavar="LOGIN", help="small letters, digits, dots, dashes")
    new.add_argument("--role", type=Role, required=True, choices=list(Role), metavar="ROLE", help=_said(Role))
    new.add_argument("--name", default="", help="whose account it is (the login)")
    new.add_argument("--carrier", dest="carrier_id", default="", help="of an enterprise: its carrier_id")
    new.add_argument(
        "--department", type=Department, choices=list(Department), metavar="D", help=_said(Department)
    )
    new.add_argument("--password-file", type=Path, metavar="FILE", help="its first line is the password")
    for name, text in {
        "disable": "close an account and end its sessions",
        "enable": "open a closed account again",
        "reset": "give a new password, printed once; second step and tokens end",
    }.items():
        what.add_parser(name, help=text).add_argument("login", metavar="LOGIN")
    what.add_parser("list", help="print all accounts")


def _said(words: type[Role] | type[Department]) -> str:
    return ", ".join(words)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a condition to mend, 2 wrong arguments."""
    options = parser().parse_args(arguments)
    try:
        settings = with_open_data_dir(read_settings())
    except ValueError as error:
        return complain(error)
    configure_logs(settings.log_format, options.command.removeprefix("run-"))
    try:
        run: Command = options.run
        return run(options, settings)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not is_expected(error):
            raise
        return complain(error)


if __name__ == "__main__":
    sys.exit(main())
