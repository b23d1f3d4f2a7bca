"""The command `hazmat bench screens --streams`: what the live stream costs, and how late it is for many."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from dashboards.bench.streams import Bytes, Delay, Encodes, delays, encodes, tick_bytes
from hazmat.cli.bench_screens import LOGIN, bench_site
from hazmat.clock import now
from hazmat.settings import Settings
from hazmat.store.local import local_server
from hazmat.store.pool import Pool
from hazmat.store.schema import migrate
from hazmat.store.screens import Screens

TRUCKS, VIEWERS = 6_000, 300
_BYTES_WANTED, _P99_WANTED_MS = 10_000, 1_000


def bench_streams(settings: Settings, out: Path | None) -> int:
    """Measure, print, write."""
    size = tick_bytes(now, TRUCKS)
    made = _encodes(settings)
    with bench_site(settings, TRUCKS) as (address, password):
        cookie = _sign_in(address, password)
        late = [asyncio.run(delays(address, cookie, viewers)) for viewers in (1, VIEWERS)]
    _tell(size, made, late)
    if out:
        found: dict[str, object] = {"processors": os.cpu_count(), "bytes": asdict(size)}
        found |= {"encodes": [asdict(each) for each in made], "delays": [asdict(each) for each in late]}
        out.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0


def _encodes(settings: Settings) -> list[Encodes]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir.absolute()) as folder:
        Path(folder).chmod(0o711)  # the database's user has to enter
        with local_server(Path(folder), settings.postgres_bin) as server:
            migrate(server.dsn)
            with closing(Screens(Pool(server.dsn))) as screens:
                return [asyncio.run(encodes(screens, now, viewers)) for viewers in (1, VIEWERS)]


def _sign_in(address: str, password: str) -> str:
    with httpx.Client(base_url=address, timeout=20) as client:
        client.post("/login", data={"login": LOGIN, "password": password})
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def _tell(size: Bytes, made: list[Encodes], late: list[Delay]) -> None:
    table = Table(title=f"live stream, {size.trucks:,} trucks of which {size.share:.0%} are news each second")
    for name in ("what", "measured", "wanted"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_row("bytes/s a viewer, gzip", f"{size.gzipped:,.0f}", f"< {_BYTES_WANTED:,}")
    table.add_row("bytes/s a viewer, plain", f"{size.plain:,.0f}", "")
    for each in made:
        table.add_row(f"encodings a tick, {each.viewers} viewers", f"{each.messages / each.ticks:g}", "1")
    for late_one in late:
        told = f"look to received, {late_one.viewers} viewers, p50 / p99 ms"
        wanted = f"p99 < {_P99_WANTED_MS:,}" if late_one.viewers == VIEWERS else ""
        table.add_row(told, f"{late_one.p50_ms:,.0f} / {late_one.p99_ms:,.0f}", wanted)
    Console().print(table)
