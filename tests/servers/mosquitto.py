"""Mosquitto, the broker of production, with the settings that docs recommend."""

from __future__ import annotations

import shutil
from pathlib import Path

from hazmat.childprocess import ProgramNotFoundError
from ingest.broker import MqttBroker

# Debian installs it where a user's PATH does not look.
_SEARCH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"

_CONFIGURATION = """\
listener {port} {host}
allow_anonymous true
user root
persistence true
persistence_location {store}/
autosave_interval 5
max_queued_messages 100000
max_inflight_messages 65535
"""


def find_mosquitto() -> Path:
    """Return the path of the program; ProgramNotFoundError with the remedy if it is not installed."""
    if found := shutil.which("mosquitto") or shutil.which("mosquitto", path=_SEARCH):
        return Path(found)
    raise ProgramNotFoundError("mosquitto not found: apt-get install mosquitto")


class Mosquitto(MqttBroker):
    """Unlike NATS it redelivers what was unacknowledged first, in order, as soon as a session comes back.

    After a kill -9 it knows what it wrote at most 5 seconds before, and no more.
    """

    def _command(self) -> list[str | Path]:
        path = self.data_dir / "mosquitto.conf"
        path.write_text(_CONFIGURATION.format(port=self.port, host=self.host, store=self.data_dir))
        return [find_mosquitto(), "-c", path]
