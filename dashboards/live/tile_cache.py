"""Map tiles on disk: a file a tile, written whole or not at all; the oldest go when there are too many."""

import asyncio
import hashlib
import logging
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dashboards.context import Clock
from dashboards.live.tile_source import media_type

KEPT = timedelta(days=30)
NEGATIVE_KEPT = timedelta(minutes=10)
MOST_BYTES = 2 * 1024**3
_AFTER_CLEANING = 0.9  # of the limit: not every new tile looks for old ones
_BLOCK = 4096  # what a small file takes on disk
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tile; an empty image: the server says that there is none."""

    image: bytes
    fresh: bool

    @property
    def media_type(self) -> str:
        """What the image is, by its first bytes."""
        return media_type(self.image)


class TileCache:
    """The tiles of one tile server, below a folder that all share; an old server's tiles go with time."""

    def __init__(self, folder: Path, url: str, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._own = folder / hashlib.sha256(url.encode()).hexdigest()[:16]
        self._clock = clock
        self._most = most_bytes
        self._size: int | None = None  # unknown until the first tile is put

    async def get(self, z: int, x: int, y: int) -> Kept | None:
        """Return a tile, however old; None if it was never here."""
        return await asyncio.to_thread(self._read, self._file(z, x, y))

    async def put(self, z: int, x: int, y: int, image: bytes) -> Kept:
        """Keep a tile and return it; a disk that is full or closed to us costs only the keeping."""
        try:
            await asyncio.to_thread(self._write, self._file(z, x, y), image)
        except OSError as error:
            _log.warning("map tiles are not kept: %s", error)
        return Kept(image, fresh=True)

    def _file(self, z: int, x: int, y: int) -> Path:
        return self._own / str(z) / str(x) / str(y)

    def _read(self, file: Path) -> Kept | None:
        try:
            image, written = file.read_bytes(), file.stat().st_mtime
        except OSError:
            return None
        age = timedelta(seconds=self._clock().timestamp() - written)
        return Kept(image, fresh=age < (KEPT if image else NEGATIVE_KEPT))

    def _write(self, file: Path, image: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
        part.write_bytes(image)
        moment = self._clock().timestamp()
        os.utime(part, (moment, moment))
        part.replace(file)
        self._size = _weigh(self._folder) if self._size is None else self._size + _taken(len(image))
        if self._size > self._most:
            self._size = self._clean()

    def _clean(self) -> int:
        found = sorted((s.st_mtime, _taken(s.st_size), file) for file, s in _files(self._folder))
        size = sum(taken for _, taken, _ in found)
        for _, taken, file in found:
            if size <= self._most * _AFTER_CLEANING:
                break
            file.unlink(missing_ok=True)
            size -= taken
        return size


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for file in folder.rglob("*"):
        try:
            if file.is_file():
                found.append((file, file.stat()))
        except FileNotFoundError:  # another thread has just put or removed it
            continue
    return found


def _weigh(folder: Path) -> int:
    return sum(_taken(status.st_size) for _, status in _files(folder))


def _taken(size: int) -> int:
    return (size // _BLOCK + 1) * _BLOCK
