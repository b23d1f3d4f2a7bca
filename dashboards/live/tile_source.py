"""Asks a tile server for one image, and believes little of what it says."""

import asyncio
import logging
from urllib.parse import urlsplit

import httpx

MOST_BYTES = 1024 * 1024
_WHOLE_SECONDS = 8.0
_TIMEOUT = httpx.Timeout(5.0, connect=3.0)
_AT_ONCE = 8
_REDIRECTS = 3
_NONE = frozenset({204, 404, 410})
_IMAGES = (  # the first bytes of what browsers show; SVG may hold scripts and is none of them
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
# httpx writes each address with its query into the log: the key of the tile server would stand there
logging.getLogger("httpx").setLevel(logging.WARNING)


class NoTileError(Exception):
    """The server says that there is no such tile."""


class TileError(Exception):
    """The server gives no image: it refuses, or sends something else. Names no address."""


class AwayError(TileError):
    """The server does not answer at all."""


class TileSource:
    """One tile server, named by an address with ``{z}``, ``{x}`` and ``{y}``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tls = httpx.create_ssl_context()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, z: int, x: int, y: int) -> bytes:
        """Return an image of at most ``MOST_BYTES``; NoTileError or TileError."""
        url = self._url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
        try:
            async with self._turns, asyncio.timeout(_WHOLE_SECONDS):
                return await self._ask(url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise AwayError(type(error).__name__) from None

    async def _ask(self, url: str) -> bytes:
        async with httpx.AsyncClient(timeout=_TIMEOUT, verify=self._tls) as client:
            for _ in range(_REDIRECTS + 1):
                async with client.stream("GET", url, headers={"Accept": "image/*"}) as answer:
                    if answer.next_request is None:
                        return await _image(answer)
                    onward = str(answer.next_request.url)
                if _site(onward) != _site(url):
                    raise TileError("sent on to another host")
                url = onward
        raise TileError("sent on too often")


async def _image(answer: httpx.Response) -> bytes:
    if answer.status_code in _NONE:
        raise NoTileError
    if answer.status_code != httpx.codes.OK:
        raise TileError(f"status {answer.status_code}")
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise TileError(f"more than {MOST_BYTES} bytes")
    if not media_type(bytes(body)):
        raise TileError("not an image")
    return bytes(body)


def media_type(image: bytes) -> str:
    """Return what an image's first bytes say it is; empty for anything else, whatever it was called."""
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    return next((name for start, name in _IMAGES if image.startswith(start)), "")


def _site(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
