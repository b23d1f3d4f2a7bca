"""What the live stream costs: bytes a viewer, encodings a tick, and how late the news is for many viewers."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

import numpy as np

from dashboards.context import Clock
from dashboards.live.fleet import Fleet
from dashboards.live.live import Live
from dashboards.live.scene import Scene
from dashboards.live.wire import Message
from hazmat.clock import to_ms
from hazmat.columns import ID_DTYPE
from hazmat.store.screens import Screens

_AT = re.compile(rb'"at":(\d+)')
_REPORT_SECONDS = 10.0  # a terminal's usual interval: one in ten trucks is news each second
_APART_SECONDS = 0.01  # between two that open: an account may ask 50 times a second
_METRE = 9.0  # 1e-6 degrees of latitude


@dataclass(frozen=True, slots=True)
class Bytes:
    """Size of one tick's message (a second of stream) for ``trucks`` of which ``share`` reported anew."""

    trucks: int
    share: float
    gzipped: float
    plain: float


@dataclass(frozen=True, slots=True)
class Encodes:
    """How many messages were made in ``ticks`` looks for this many viewers, all authorities."""

    viewers: int
    ticks: int
    messages: int


@dataclass(frozen=True, slots=True)
class Delay:
    """From the look into the database until a viewer has the message in plain, over real HTTP.

    ``together_s``: how long it took until all of them had their first message.
    """

    viewers: int
    messages: int
    p50_ms: float
    p99_ms: float
    together_s: float
    bytes_per_s: float


def tick_bytes(at: Clock, trucks: int = 6_000, share: float = 0.1, ticks: int = 30, seed: int = 1) -> Bytes:
    """Measure messages of a fleet that drives: 40 km/h with variation, turning, one in five standing."""
    rng = np.random.default_rng(seed)
    now = at()
    scene = Scene(epoch="bench0", at_ms=to_ms(now), fleet=_fleet(rng, trucks, to_ms(now)))
    sizes = []
    for tick in range(ticks):
        now += timedelta(seconds=1)
        after = replace(scene, at_ms=to_ms(now), fleet=_driven(rng, scene.fleet, share, to_ms(now)))
        sizes.append(Message.of("tick", f"bench0-{tick}", after.message(scene, tick)))
        scene = after
    gzipped, plain = (float(np.mean([len(getattr(m, name)) for m in sizes])) for name in ("gzipped", "plain"))
    return Bytes(trucks, share, gzipped, plain)


def _fleet(rng: np.random.Generator, trucks: int, at_ms: int) -> Fleet:
    return Fleet(
        ids=np.array([f"B{n}" for n in range(trucks)], ID_DTYPE),
        lon=rng.integers(121_460_000, 121_780_000, trucks),
        lat=rng.integers(29_900_000, 30_070_000, trucks),
        speed=np.where(rng.random(trucks) < 0.2, 0, rng.integers(25, 60, trucks)),
        heading=rng.integers(0, 360, trucks),
        state=rng.choice(np.array([0, 1, 3, 4]), trucks, p=[0.78, 0.2, 0.015, 0.005]),
        phase=rng.integers(0, 4, trucks),
        seen=np.full(trucks, at_ms),
    )


def _driven(rng: np.random.Generator, fleet: Fleet, share: float, at_ms: int) -> Fleet:
    told = rng.random(len(fleet)) < share
    moving = told & (fleet.speed > 0)
    speed = np.where(moving, np.clip(fleet.speed + rng.integers(-6, 7, len(fleet)), 5, 80), fleet.speed)
    heading = np.where(
        moving, (fleet.heading + rng.normal(0, 8, len(fleet))).astype(int) % 360, fleet.heading
    )
    gone = np.where(moving, speed / 3.6 * _REPORT_SECONDS * _METRE, 0) + rng.normal(0, 20, len(fleet)) * told
    return replace(
        fleet,
        lon=fleet.lon + np.rint(gone * np.sin(np.radians(heading)) / 0.866).astype(np.int64),
        lat=fleet.lat + np.rint(gone * np.cos(np.radians(heading))).astype(np.int64),
        speed=speed,
        heading=heading,
        seen=np.where(told, at_ms - rng.integers(0, 1500, len(fleet)), fleet.seen),
    )


async def encodes(screens: Screens, at: Clock, viewers: int, ticks: int = 5) -> Encodes:
    """Count what is made for this many viewers of one server."""
    live = Live(screens, at)
    live.publish(*await asyncio.to_thread(live.step))
    streams = [live.messages(f"{live.scene.epoch}-{live.tick}") for _ in range(viewers)]
    before = live.encoded
    for _ in range(ticks):
        live.publish(*await asyncio.to_thread(live.step))
        for stream in streams:
            await anext(stream)
    for stream in streams:
        await stream.aclose()
    return Encodes(viewers, ticks, live.encoded - before)


async def delays(address: str, cookie: str, viewers: int, seconds: float = 20) -> Delay:
    """Open this many streams at a running site with a session's cookie, and read them for a while."""
    found: list[float] = []
    first: list[float] = []
    read: list[int] = []
    began = time.monotonic()
    end = began + seconds

    async def watch(place: int) -> None:
        await asyncio.sleep(place * _APART_SECONDS)
        reader, writer = await _ask(address, cookie)
        unpack, told = zlib.decompressobj(zlib.MAX_WBITS | 16), False
        while time.monotonic() < end:
            async with asyncio.timeout(15):
                size = int(await reader.readline() or b"0", 16)
                block = await reader.readexactly(size + 2)
            arrived = time.time() * 1000
            read.append(size)
            moments = [int(each) for each in _AT.findall(unpack.decompress(block[:-2]))]
            if moments and not told:
                first.append(time.monotonic() - began)
            told = told or bool(moments)
            found.extend(arrived - moment for moment in moments)
        writer.close()

    await asyncio.gather(*(watch(n) for n in range(viewers)))
    p50, p99 = (float(each) for each in np.percentile(found, [50, 99]))
    return Delay(viewers, len(found), p50, p99, max(first), sum(read) / viewers / seconds)


async def _ask(address: str, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"Host: {place.netloc}\r\nCookie: {cookie}\r\nAccept-Encoding: gzip\r\n\r\n"
    writer.write(f"GET /api/live/stream HTTP/1.1\r\n{head}".encode())
    status = await reader.readline()
    if b" 200 " not in status:
        raise ConnectionError(f"the stream was refused: {status.decode().strip()}")
    while (await reader.readline()).strip():
        pass
    return reader, writer
