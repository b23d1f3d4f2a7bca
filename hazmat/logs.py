"""What our processes write into their logs, as text or JSON a line; and how the files stay small."""

import json
import logging
import os
import shutil
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TextIO

LogFormat = Literal["text", "json"]
MOST_BYTES = 20_000_000
KEPT = 5  # older files beside the one that is written
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ALL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_request_id: ContextVar[str] = ContextVar("request_id", default="")


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment, not to what it was at the start."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _: TextIO) -> None:
        """Nothing to keep."""


def configure_logs(form: LogFormat, process: str) -> None:
    """Log to standard error from now on; ``process`` says which of our processes writes."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _ToStandardError)]:
        root.removeHandler(handler)
    writer = _ToStandardError()
    writer.setFormatter(JsonFormatter(process) if form == "json" else logging.Formatter(_TEXT))
    root.addHandler(writer)
    root.setLevel(logging.INFO)


def begin_request(request_id: str) -> None:
    """Let the lines that this task and its threads log name the request."""
    _request_id.set(request_id)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, process, request_id, and what was added.

    What a call gives as ``extra`` stands there under its own name; an exception as text in ``exception``.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": self._process,
        }
        if request_id := _request_id.get():
            line["request_id"] = request_id
        line |= {name: value for name, value in vars(record).items() if name not in _ALL}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def rotate(log: Path, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> bool:
    """Put a log that has grown too large aside as ``.1`` (older ones move up); False: it is small.

    The writer keeps its file open and appends: it is copied and cut off, not renamed. What is written in
    the instant between the two is lost.
    """
    try:
        if log.stat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(kept, 1, -1):
        older = _aside(log, number - 1)
        if older.exists():
            older.replace(_aside(log, number))
    shutil.copyfile(log, _aside(log, 1))
    os.truncate(log, 0)
    return True


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
