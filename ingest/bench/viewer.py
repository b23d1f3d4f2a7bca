"""One viewer of the live map, and probe trucks whose place says when they were published."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from hazmat import clock
from hazmat.clock import to_ms
from hazmat.columns import Floats
from ingest.message import Message
from ingest.simulator.publish import Publisher

PROBES = 10
_EVERY_SECONDS = 0.05
_LON, _LAT = 121_600_000, 29_950_000  # 1e-6 degrees; a probe's number in order is added to the longitude


class Probes(threading.Thread):
    """Publishes a fix every 50 ms, of ten probe trucks in turn, and remembers when."""

    def __init__(self, mqtt_url: str, seconds: float) -> None:
        super().__init__(name="probes")
        self._url = mqtt_url
        self._seconds = seconds
        self.published: list[float] = []  # monotonic, by number

    def run(self) -> None:
        """Publish for as long as was said."""
        end = time.monotonic() + self._seconds
        with Publisher(self._url) as publisher:
            while time.monotonic() < end:
                number = len(self.published)
                payload = {"fix_time": to_ms(clock.now()), "lon": (_LON + number) / 1e6, "lat": _LAT / 1e6}
                topic = f"hazmat/v1/{probe_id(number)}/position"
                self.published.append(time.monotonic())
                publisher.send(Message(topic, clock.now(), json.dumps(payload).encode()), threading.Event())
                time.sleep(_EVERY_SECONDS)

    def finished(self) -> int:
        """Wait for the end; how many were published."""
        self.join()
        return len(self.published)


def probe_id(number: int) -> str:
    """Which probe truck publishes this number."""
    return f"PROBE-{number % PROBES}"


class Viewer(threading.Thread):
    """Follows the live stream like a browser and notes when each probe's number was there to be seen."""

    def __init__(self, page: str, token: str) -> None:
        super().__init__(name="viewer", daemon=True)
        self._host = urlsplit(page).netloc
        self._headers = {"Authorization": f"Bearer {token}"}
        self._rows: dict[int, str] = {}
        self._lon: dict[int, int] = {}
        self._trucks = 0
        self.seen: list[tuple[float, str, int]] = []  # monotonic, probe, number shown

    def run(self) -> None:
        """Read until the server ends the stream."""
        scene = self._snapshot()
        self._learn(scene, 0)
        self._lon = dict(enumerate(scene["lon"]))
        place = f"{scene['epoch']}-{scene['tick']}"
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request("GET", f"/api/live/stream?after={place}", headers=self._headers)
        reply = connection.getresponse()
        while line := reply.readline():
            if line.startswith(b"data: "):
                self._look(json.loads(line[6:]), time.monotonic())

    def _snapshot(self) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request("GET", "/api/live/snapshot", headers=self._headers)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def _learn(self, message: Mapping[str, object], start: int) -> None:
        names = message.get("new")
        ids = names["id"] if isinstance(names, dict) else []
        self._rows |= {start + row: name for row, name in enumerate(ids) if name.startswith("PROBE-")}
        self._trucks = start + len(ids)

    def _look(self, message: dict[str, list[int]], at: float) -> None:
        """Rows come as distances from the row before, places as what is to be added to the last one."""
        self._learn(message, self._trucks)
        row = 0
        for step, lon in zip(message.get("i", []), message.get("lon", []), strict=True):
            row += step
            self._lon[row] = self._lon.get(row, 0) + lon
            if row in self._rows:
                self.seen.append((at, self._rows[row], self._lon[row] - _LON))

    def delays_ms(self, published: list[float]) -> Floats:
        """From publishing to being seen, of each number published; NaN for one that was not seen."""
        found = np.full(len(published), np.nan)
        for at, probe, shown in self.seen:
            numbers = np.arange(int(probe.removeprefix("PROBE-")), shown + 1, PROBES)
            fresh = numbers[np.isnan(found[numbers])]
            found[fresh] = (at - np.array(published)[fresh]) * 1000
        return found
