"""The command `hazmat` as a user runs it: a process of its own, its output line by line, its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from hazmat.childprocess import free_port

# Whatever is set where the tests run must not reach the command under test.
_OURS = ("HAZMAT_", "MQTT_", "DATABASE_URL")


def until(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    """Wait for the condition; an AssertionError with `what()` if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests without our settings, with these instead."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


def run(
    *arguments: str, settings: Mapping[str, str] = {}, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hazmat", *arguments],
        env=clean_environment(settings),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class Installation:
    """`hazmat demo` or `hazmat serve` on free ports and a data directory of its own; stopped at the end.

    The same one may be started again, as a user does.
    """

    lines: list[str]

    def __init__(self, data_dir: Path, *arguments: str, settings: Mapping[str, str] = {}) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self._arguments = arguments
        self._settings = {
            "HAZMAT_DATA_DIR": str(data_dir),
            "HAZMAT_PORT": str(self.port),
            "HAZMAT_MQTT_PORT": str(free_port()),
            **settings,
        }

    def __enter__(self) -> Self:
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hazmat", *self._arguments],
            env=clean_environment(self._settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, text: str, seconds: float = 60) -> str:
        """Wait for a line with this text and return it."""
        until(
            lambda: any(text in line for line in self.lines),
            seconds,
            lambda: self.report(f"not said: {text}"),
        )
        return next(line for line in self.lines if text in line)

    def get(self, path: str = "") -> tuple[int, str]:
        """Status and text of a page; 0 if nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def child(self, text: str) -> int:
        """Process id of the child whose command line holds the text."""
        return next(pid for pid, command in self.children().items() if text in command)

    def children(self) -> dict[int, str]:
        """Command lines of our direct children by process id."""
        return {pid: command for pid, (parent, command) in _processes().items() if parent == self.process.pid}

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Send the signal, wait for the end and return how many seconds that took."""
        before = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        self._reader.join()
        return time.monotonic() - before

    def report(self, title: str) -> str:
        """All that can be known of the run, for a failed test."""
        logs = sorted((self.data_dir / "log").glob("*.log"))
        parts = [f"== {log.name}\n{log.read_text()[-1500:]}" for log in logs]
        return "\n".join([title, "== terminal", *self.lines, *parts])


def alive(pids: Mapping[int, str]) -> dict[int, str]:
    """Which of these processes still run the same command."""
    now = _processes()
    return {pid: command for pid, command in pids.items() if pid in now and now[pid][1] == command}


def _processes() -> dict[int, tuple[int, str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended just now
            if status[0] != "Z":
                found[int(folder.name)] = (int(status[1]), command)
    return found
