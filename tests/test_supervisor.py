"""The supervisor with real processes: what dies comes back, what is stopped stays stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hazmat.childprocess import ChildError, ServerProcess, spawn
from hazmat.supervisor import (
    AlreadyRunningError,
    StopRequested,
    Supervisor,
    alone_on,
    last_line,
    stop_on_signals,
)


class Program(ServerProcess):
    """Any Python program as a supervised part; it notes its start in a file."""

    patience_seconds = 5.0

    def __init__(self, folder: Path, name: str, program: str = "time.sleep(60)") -> None:
        super().__init__(folder / f"{name}.log")
        self._program = f"import time; print('started', flush=True); {program}"

    def start(self) -> None:
        self._process = spawn([sys.executable, "-c", self._program], self.log)
        deadline = time.monotonic() + 10
        while "started" not in self.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def watched(supervisor: Supervisor, condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Let the supervisor watch in this, the main, thread until the condition holds."""
    failed = threading.Event()

    def ask_to_stop() -> None:
        try:
            until(condition, seconds)
        except AssertionError:
            failed.set()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask_to_stop).start()
    with stop_on_signals(), pytest.raises(StopRequested):
        supervisor.watch()
    assert not failed.is_set(), "not in time"


def test_a_killed_part_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    program = Program(tmp_path, "flow")
    supervisor.add("flow", program)
    first = program.pid
    program.kill()
    watched(supervisor, lambda: program.running and program.pid != first and len(said) > 1)
    supervisor.stop()
    assert not program.running
    assert said[0].startswith("flow ended: started (log: ")
    assert said[1:] == ["flow started again"]


def test_what_ends_at_once_is_started_with_growing_pauses(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.add("flow", Program(tmp_path, "flow", "raise SystemExit('no reason')"))
    watched(supervisor, lambda: len([line for line in said if "ended" in line]) >= 3)
    supervisor.stop()
    ended = [line for line in said if "ended" in line]
    assert all("no reason" in line for line in ended)
    assert [line.rpartition(" in ")[2] for line in ended[:3]] == ["0.5 s", "1 s", "2 s"]


def test_parts_stop_last_first(tmp_path: Path) -> None:
    supervisor = Supervisor(print)
    note = tmp_path / "order"
    program = (
        "import signal, sys\n"
        f"def leave(*_): open({str(note)!r}, 'a').write(sys.argv[0] and '{{name}} '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave); print('started', flush=True); time.sleep(60)"
    )
    for name in ("database", "flow", "screens"):
        supervisor.add(name, Program(tmp_path, name, program.replace("{name}", name)))
        until(lambda name=name: (tmp_path / f"{name}.log").read_text().count("started") == 2)  # type: ignore[misc]
    supervisor.stop()
    assert note.read_text().split() == ["screens", "flow", "database"]


def test_a_part_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    program = Program(
        tmp_path,
        "deaf",
        "import signal; signal.signal(15, signal.SIG_IGN); print('started', flush=True); time.sleep(60)",
    )
    program.patience_seconds = 0.5
    supervisor = Supervisor(print)
    supervisor.add("deaf", program)
    until(lambda: program.log.read_text().count("started") == 2)
    pid = program.pid
    supervisor.stop()
    assert not Path(f"/proc/{pid}").exists()


def test_a_part_that_cannot_start_is_an_error_and_the_others_are_stopped(tmp_path: Path) -> None:
    class Broken(Program):
        def start(self) -> None:
            raise ChildError("no such program")

    supervisor = Supervisor(print)
    good = Program(tmp_path, "good")
    supervisor.add("good", good)
    with pytest.raises(ChildError, match="no such program"):
        supervisor.add("broken", Broken(tmp_path, "broken"))
    supervisor.stop()
    assert not good.running


def test_only_the_first_signal_interrupts(tmp_path: Path) -> None:
    with stop_on_signals():
        with pytest.raises(StopRequested):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)  # an impatient second one does not break off the stopping
        os.kill(os.getpid(), signal.SIGTERM)


def test_two_on_one_data_directory(tmp_path: Path) -> None:
    other = "from hazmat.supervisor import alone_on; from pathlib import Path; import sys, time\n"
    other += "with alone_on(Path(sys.argv[1])): print('holds', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", other, str(tmp_path)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout and process.stdout.readline() == b"holds\n"
        with pytest.raises(AlreadyRunningError, match=f"process {process.pid}"), alone_on(tmp_path):
            pass
        process.kill()
    with alone_on(tmp_path):  # a lock does not outlive its holder, however that ended
        pass


def test_last_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_line(log) == "it said nothing"
    log.write_text("first\n  the reason  \n\n")
    assert last_line(log) == "the reason"
