"""Server processes that we start ourselves: they end with us, write to a log file, are waited for."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_LOG_TAIL_BYTES = 4000
_PAUSE_SECONDS = 0.02
# Loaded here and not after the fork: between fork and exec only a bare system call is safe.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


class ChildError(RuntimeError):
    """A server could not be started, ended by itself or was not ready in time; carries its log's end."""


class ProgramNotFoundError(ChildError):
    """A server's program is not installed; the message says how to get it."""


def free_port(host: str = LOOPBACK) -> int:
    """Return a TCP port that nobody listens on now; take it soon, another process may do so too."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts_connections(host: str, port: int) -> bool:
    """Tell whether somebody listens at this address."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    user: pwd.struct_passwd | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    inherited: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` with its output appended to `log`, as `user` if given (needs root).

    The child gets `on_parent_death` when this process ends, however it ends (Linux only). It stands in a
    session of its own: Ctrl-C reaches us alone and we decide in which order servers stop. Raises ChildError
    outside the main thread: Linux takes the end of the starting thread for the end of the parent. The file
    descriptors `inherited` stay open in the child.
    """
    if threading.current_thread() is not threading.main_thread():
        raise ChildError(f"{command[0]} must be started from the main thread")
    parent = os.getpid()

    def follow_parent() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(on_parent_death))
            if os.getppid() != parent:  # it ended before prctl was called
                os.kill(os.getpid(), signal.SIGKILL)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=None if environment is None else {**os.environ, **environment},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            pass_fds=inherited,
            preexec_fn=follow_parent,  # noqa: PLW1509 - one system call; see _prctl
        )


@contextmanager
def locked(path: Path, timeout_seconds: float) -> Iterator[int]:
    """Hold the lock file `path`; ChildError if another process does so for `timeout_seconds`.

    Who inherits the descriptor that this gives holds the lock too, until its own end, however it ends.
    """
    deadline = time.monotonic() + timeout_seconds
    with path.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ChildError(f"{path} is held by another process") from None
                time.sleep(_PAUSE_SECONDS)
        yield file.fileno()


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, timeout_seconds: float
) -> None:
    """Return as soon as `ready()` is true; raise ChildError if the process ends or the time is up."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if process.poll() is not None:
            raise ChildError(f"{process.args!r} ended with {process.returncode}:\n{log_tail(log)}")
        if time.monotonic() > deadline:
            raise ChildError(f"{process.args!r} not ready after {timeout_seconds} s:\n{log_tail(log)}")
        time.sleep(_PAUSE_SECONDS)


def log_tail(log: Path, since_bytes: int = 0) -> str:
    """Return the last lines of a log file, none of them from before the offset `since_bytes`."""
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(since_bytes, end - _LOG_TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")


def end(process: subprocess.Popen[bytes], signals: Sequence[signal.Signals], patience_seconds: float) -> None:
    """Send the signals one after the other, each with `patience_seconds` to end in, then SIGKILL."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            continue


class ServerProcess:
    """The part that all our servers share: one child process, its log, kill and context manager.

    A server says in `start` how to begin and in `stop_signals` how to end; start it from the main thread.
    """

    stop_signals: Sequence[signal.Signals] = (signal.SIGTERM,)
    patience_seconds = 30.0

    def __init__(self, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the server; ChildError if it is not running."""
        if self._process is None or not self.running:
            raise ChildError(f"{type(self).__name__} is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the server and return when it accepts work; nothing happens if it runs already."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the server in good order; nothing happens if it does not run."""
        if self._process is not None:
            end(self._process, self.stop_signals, self.patience_seconds)
        self._process = None

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
