"""What the larger commands can be told on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def broker_arguments(command: argparse.ArgumentParser) -> None:
    """`hazmat broker-config`."""
    command.add_argument("broker", choices=["mosquitto", "nats"])
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder, kept between runs")
    command.add_argument("--listen", default="127.0.0.1:1883", metavar="HOST:PORT", help="(127.0.0.1:1883)")
    command.add_argument("--tls-cert", type=Path, metavar="FILE", help="the broker's certificate, PEM")
    command.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
    command.add_argument("--ca", type=Path, metavar="FILE", help="clients must show a certificate by this CA")
    command.add_argument(
        "--gateway", action="append", default=[], dest="gateways", metavar="ID", help="a gateway too"
    )
    command.add_argument("--renew", action="append", default=[], metavar="USER", help="a new password for it")


def simulation_arguments(command: argparse.ArgumentParser) -> None:
    """`hazmat simulate`."""
    command.add_argument(
        "--vehicles", type=int, default=300, help="how many of the world's trucks drive (300)"
    )
    command.add_argument("--speed", type=float, default=1.0, help="times as fast as life (1)")
    command.add_argument("--seed", type=int, default=1, help="another seed is another day (1)")
    command.add_argument(
        "--world", type=Path, metavar="DIR", help="a world's folder; without: the database's"
    )


def scoring_arguments(command: argparse.ArgumentParser) -> None:
    """`hazmat score`."""
    command.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="labelled cases in or under it")
    command.add_argument("--lanes", action="store_true", help="instead: how honest the lane estimate is")
    command.add_argument("--baseline", action="store_true", help="beside two-fix logic")
    command.add_argument("--json", type=Path, metavar="FILE", help="every count, miss and false alert")
    command.add_argument("--table", type=Path, metavar="FILE", help="the table as Markdown")
    command.add_argument("--simulate", type=float, metavar="HOURS", help="vehicle-hours made on the fly")
    command.add_argument("--seed", type=int, default=1, help="another seed is another day (1)")
    command.add_argument("--error-m", type=float, default=5.0, help="GNSS error, sigma of each axis (5)")
    command.add_argument("--interval-s", type=float, default=10.0, help="seconds between reports (10)")


def coverage_arguments(command: argparse.ArgumentParser) -> None:
    """`hazmat coverage`."""
    command.add_argument("--day", metavar="YYYY-MM-DD", help="local day of the entry (the last with a trip)")
    command.add_argument(
        "--share", type=float, default=0.8, help="part of a trip's messages that must meet a need (0.8)"
    )


def bench_arguments(command: argparse.ArgumentParser) -> None:
    """`hazmat bench`."""
    command.add_argument(
        "what",
        choices=["flow", "rules", "screens"],
        help="the way from the broker to the database and the screen; the rules alone; or the pages",
    )
    command.add_argument("--frames", action="store_true", help="of screens: how fast the map draws")
    command.add_argument("--streams", action="store_true", help="of screens: what the live stream costs")
    command.add_argument("--seconds", type=float, default=60.0, help="length of the long phase (60)")
    command.add_argument("--vehicles", type=int, default=20_000, help="vehicles in the registry (20000)")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
