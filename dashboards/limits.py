"""How much and how often: the size of a request, and how many a second."""

import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network
from threading import Lock

from fastapi import HTTPException
from starlette.types import Message, Receive

_KEPT = 10_000  # callers remembered; the one that has not called for longest is forgotten first


class Buckets:
    """A token bucket for each caller: ``burst`` calls at once, then ``rate`` a second. Safe in threads."""

    def __init__(self, burst: int, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._lock = Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count one call; HTTPException 429 with ``Retry-After`` if the caller has none left."""
        now = time.monotonic()
        with self._lock:
            level, since = self._levels.pop(caller, (float(self._burst), now))
            level = min(self._burst, level + (now - since) * self._rate)
            self._levels[caller] = (max(0.0, level - 1), now)
            while len(self._levels) > _KEPT:
                self._levels.popitem(last=False)
        if level < 1:
            wait = max(1, round((1 - level) / self._rate))
            raise HTTPException(429, "too many requests", {"Retry-After": str(wait)})


def network_of(address: str) -> str:
    """The caller to count: an IPv6 host has a whole /64 of addresses to call from."""
    try:
        return str(ip_network((address, 64), strict=False)) if ip_address(address).version == 6 else address
    except ValueError:
        return address


def limited(receive: Receive, most: int) -> Receive:
    """A receiver that raises HTTPException 413 as soon as the body is larger than ``most`` bytes."""
    seen = 0

    async def receive_some() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, f"a request here may have {most} bytes")
        return message

    return receive_some
