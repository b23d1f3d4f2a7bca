"""Keeps an installation running: starts its parts in order, restarts what dies, stops them in reverse."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from hazmat.childprocess import ChildError, ServerProcess, end, log_tail, spawn, wait_until
from hazmat.logs import rotate

_LOOK_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0  # who ran this long starts again with the shortest pause

Say = Callable[[str], None]


class AlreadyRunningError(RuntimeError):
    """Another installation works on the same data directory."""


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM: no error, and no `except Exception` holds it up."""


class OwnProcess(ServerProcess):
    """One `hazmat SUBCOMMAND …` as a child; `ready()` tells when it does its work (without: at once)."""

    patience_seconds = 10.0
    ready_seconds = 60.0

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(log.absolute())
        self._command = (sys.executable, "-m", "hazmat", *arguments)
        self._environment = environment
        self._ready = ready

    def start(self) -> None:
        """Start the process and return when it is ready; ChildError with the log's end if it cannot."""
        if self.running:
            return
        process = spawn(self._command, self.log, environment=self._environment)
        try:
            wait_until(self._ready, process, self.log, self.ready_seconds)
        except BaseException:
            end(process, self.stop_signals, self.patience_seconds)
            raise
        self._process = process


class Part:
    """One supervised process and when it may be started again."""

    def __init__(self, name: str, process: ServerProcess) -> None:
        self.name = name
        self.process = process
        self._pause = _FIRST_PAUSE_SECONDS
        self._since = 0.0
        self._due: float | None = None

    def start(self) -> None:
        """Start the process and remember since when it runs; ChildError if it cannot."""
        rotate(self.process.log)
        self.process.start()
        self._since = time.monotonic()
        self._due = None

    def look(self, say: Say) -> None:
        """Start the process again if it ended and its pause is over; say once what happened.

        A log that has grown too large is put aside meanwhile.
        """
        if self.process.running:
            rotate(self.process.log)
            return
        if self._due is None:
            self._put_off(f"{self.name} ended: {last_line(self.process.log)}", say)
        elif time.monotonic() >= self._due:
            self._start_again(say)

    def _start_again(self, say: Say) -> None:
        try:
            self.start()
        except ChildError as error:
            self._put_off(f"{self.name} could not be started: {str(error).splitlines()[-1]}", say)
        else:
            say(f"{self.name} started again")

    def _put_off(self, what: str, say: Say) -> None:
        now = time.monotonic()
        if now - self._since > _STEADY_SECONDS:
            self._pause = _FIRST_PAUSE_SECONDS
        say(f"{what} (log: {self.process.log}); starting it again in {self._pause:g} s")
        self._due = now + self._pause
        self._since = now
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)


class Supervisor:
    """The parts in the order in which they were added. Use it from the main thread."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._parts: list[Part] = []

    def add(self, name: str, process: ServerProcess) -> None:
        """Start one more part and keep it running from now on; ChildError if it does not start at all."""
        part = Part(name, process)
        self._parts.append(part)  # first: what is half started when Ctrl-C comes is stopped too
        part.start()

    def watch(self) -> None:
        """Restart what ends, until StopRequested comes."""
        while True:
            for part in self._parts:
                part.look(self._say)
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop all parts, the last one first; each gets its own patience before it is killed."""
        while self._parts:
            part = self._parts.pop()
            part.process.stop()


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM raise StopRequested in the main thread, once; later ones are swallowed."""
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise StopRequested

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def alone_on(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process; AlreadyRunningError if another one does."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunningError(
                f"hazmat runs already on {data_dir.absolute()} (process {lock.read().strip()})"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    lines = [line.strip() for line in log_tail(log).splitlines() if line.strip()] if log.exists() else []
    return lines[-1] if lines else "it said nothing"
