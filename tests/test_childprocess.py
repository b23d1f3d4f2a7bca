"""Child processes: they are ended in order, waited for and told about; a lock lasts as long as its holder."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hazmat.childprocess import ChildError, end, locked, log_tail, spawn, wait_until

_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


def _sleeper(folder: Path, seconds: float = 600.0) -> subprocess.Popen[bytes]:
    return spawn(["sleep", str(seconds)], folder / "sleep.log")


def test_a_process_that_will_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn([sys.executable, "-c", _STUBBORN], log)
    wait_until(lambda: "deaf" in log_tail(log), process, log, 20.0)
    end(process, [signal.SIGTERM], patience_seconds=0.2)
    assert process.returncode == -signal.SIGKILL


def test_a_process_that_listens_is_not_killed(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    end(process, [signal.SIGTERM], patience_seconds=20.0)
    assert process.returncode == -signal.SIGTERM


def test_waiting_ends_with_the_process_and_its_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn(["ls", "/nothing-there"], log)
    with pytest.raises(ChildError, match=r"ended with 2(?s:.)*nothing-there"):
        wait_until(lambda: False, process, log, 20.0)


def test_waiting_has_an_end(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    with pytest.raises(ChildError, match=r"not ready after 0\.1 s"):
        wait_until(lambda: False, process, tmp_path / "sleep.log", 0.1)
    end(process, [], patience_seconds=5.0)


def test_a_log_is_told_from_an_offset_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\nafter\n")
    assert log_tail(log, since_bytes=7) == "after\n"


def test_a_lock_lasts_as_long_as_the_child_that_inherited_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, 0.0) as lock:
        process = spawn(["sleep", "600"], tmp_path / "log", inherited=[lock])
    with pytest.raises(ChildError, match="held by another process"), locked(path, 0.1):
        pass
    process.kill()
    process.wait()
    with locked(path, 5.0):
        pass
