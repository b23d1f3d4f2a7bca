"""The embedded PostgreSQL: what was committed stays, and it starts, whoever was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hazmat.childprocess import ChildError, ProgramNotFoundError, free_port
from hazmat.store.binaries import copied_wheel, find_binaries, server_user
from hazmat.store.embedded import PostgresServer
from tests.servers import runs

# A process of its own that starts the server, commits one row and then waits for its end.
_OWNER = """
import sys, time
from pathlib import Path
import psycopg
from hazmat.store.embedded import PostgresServer
server = PostgresServer(Path(sys.argv[1]))
server.start()
with psycopg.connect(server.dsn) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
    connection.execute("INSERT INTO kept DEFAULT VALUES")
print(server.pid, flush=True)
time.sleep(600)
"""
_GONE_SECONDS = 20.0
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")


@pytest.fixture
def data_dir(fresh_folder: Path) -> Path:
    return fresh_folder / "pg"


@pytest.fixture
def server(data_dir: Path) -> Iterator[PostgresServer]:
    with PostgresServer(data_dir) as server:
        yield server


def _value(server: PostgresServer, query: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def _insert(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO kept DEFAULT VALUES")


def _start_owner(data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, data_dir], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    return owner, int(owner.stdout.readline())


def _kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate()


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _GONE_SECONDS
    while runs(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


def test_a_first_start_creates_a_durable_utf8_database(server: PostgresServer) -> None:
    assert _value(server, "SELECT current_database()") == "hazmat"
    assert _value(server, "SHOW server_encoding") == "UTF8"
    assert _value(server, "SHOW synchronous_commit") == "on"
    assert _value(server, "SHOW fsync") == "on"
    assert _value(server, "SHOW timezone") == "UTC"
    assert _value(server, "SELECT '危' ~ '^[[:alpha:]]$'") is True  # trigrams of Chinese names rest on it


def test_settings_replace_defaults(data_dir: Path) -> None:
    with PostgresServer(data_dir, settings={"work_mem": "7MB"}) as server:
        assert _value(server, "SHOW work_mem") == "7MB"


def test_stop_and_start_keep_address_and_rows(server: PostgresServer) -> None:
    _insert(server)
    address = server.dsn
    server.stop()
    assert not server.running
    with pytest.raises(ChildError, match="not running"):
        _ = server.pid
    server.start()
    assert server.dsn == address
    assert _value(server, "SELECT count(*) FROM kept") == 1


def test_starting_twice_changes_nothing(server: PostgresServer) -> None:
    pid = server.pid
    server.start()
    assert server.pid == pid


def test_rows_outlive_a_kill_of_the_server(server: PostgresServer) -> None:
    for expected in (1, 2, 3):
        _insert(server)
        server.kill()
        server.start()
        assert _value(server, "SELECT count(*) FROM kept") == expected


def test_the_server_ends_when_its_parent_is_killed(data_dir: Path) -> None:
    owner, pid = _start_owner(data_dir)
    _kill(owner)
    _wait_until_gone(pid)


@pytest.mark.parametrize("victims", ["parent", "parent and server"])
def test_a_new_parent_starts_at_once_after_a_kill(data_dir: Path, victims: str) -> None:
    owner, pid = _start_owner(data_dir)
    _kill(owner)
    if victims == "parent and server":
        os.kill(pid, signal.SIGKILL)
    with PostgresServer(data_dir) as server:
        assert server.pid != pid
        assert _value(server, "SELECT count(*) FROM kept") == 1


def test_lock_files_that_name_another_program_are_no_obstacle(server: PostgresServer, data_dir: Path) -> None:
    server.kill()
    user = server_user(data_dir)
    other = subprocess.Popen(["sleep", "600"], user=user.pw_uid if user else None, cwd="/")
    try:
        for lock in (data_dir / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().split("\n")
            lock.write_text("\n".join([str(other.pid), *lines[1:]]))
        server.start()
        assert _value(server, "SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


def test_a_creation_that_was_cut_short_is_begun_again(data_dir: Path) -> None:
    unfinished = data_dir.with_name("pg.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with PostgresServer(data_dir) as server:
        assert _value(server, "SELECT 1") == 1
    assert not unfinished.exists()


def test_a_wrong_setting_is_told_with_the_servers_own_words(data_dir: Path) -> None:
    server = PostgresServer(data_dir, settings={"work_mem": "a lot"})
    with pytest.raises(ChildError, match='invalid value for parameter "work_mem"'):
        server.start()
    assert not server.running


def test_tcp_asks_for_a_password(data_dir: Path) -> None:
    port = free_port()
    address = f"postgresql://hazmat@127.0.0.1:{port}/hazmat"
    with PostgresServer(data_dir, tcp_port=port) as server:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(address)
        with psycopg.connect(server.dsn) as connection:
            connection.execute("ALTER ROLE hazmat PASSWORD 'chosen'")
        psycopg.connect(address, password="chosen").close()


def test_no_tcp_port_is_open_unless_asked_for(server: PostgresServer) -> None:
    assert _value(server, "SHOW listen_addresses") == ""


def test_a_thread_may_not_start_a_server(data_dir: Path) -> None:
    caught: list[ChildError] = []

    def start() -> None:
        try:
            PostgresServer(data_dir).start()
        except ChildError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def test_an_interrupt_from_the_terminal_does_not_reach_the_server(server: PostgresServer) -> None:
    assert os.getpgid(server.pid) != os.getpgrp()


def test_only_its_owner_sees_the_socket(server: PostgresServer) -> None:
    assert server.socket_dir.stat().st_mode & 0o077 == 0
    assert len(str(server.socket_dir / ".s.PGSQL.5432")) < 108


@only_root
def test_root_hands_the_server_to_a_user_without_rights(server: PostgresServer, data_dir: Path) -> None:
    status = Path(f"/proc/{server.pid}/status").read_text()
    ids = {
        line.split(":")[0]: line.split()[1:]
        for line in status.splitlines()
        if line.startswith(("Uid", "Gid"))
    }
    assert "0" not in ids["Uid"] + ids["Gid"]
    assert "Groups:\t \n" in status
    assert data_dir.stat().st_uid == int(ids["Uid"][0])


@only_root
def test_a_data_directory_in_a_closed_folder_is_refused_with_its_name(fresh_folder: Path) -> None:
    closed = fresh_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ChildError, match=f"may not enter {closed}"):
        PostgresServer(closed / "pg").start()


@only_root
def test_a_socket_folder_of_somebody_else_is_refused(data_dir: Path) -> None:
    server = PostgresServer(data_dir)
    server.socket_dir.mkdir()
    try:
        with pytest.raises(ChildError, match="belongs to somebody else"):
            server.start()
    finally:
        server.socket_dir.rmdir()


def test_binaries_that_are_not_there_are_told(fresh_folder: Path) -> None:
    with pytest.raises(ProgramNotFoundError, match=str(fresh_folder)):
        find_binaries(fresh_folder)


def test_the_wheels_programs_run_from_a_copy(fresh_folder: Path, data_dir: Path) -> None:
    copy = copied_wheel(find_binaries(), fresh_folder / "programs")
    assert copy == copied_wheel(find_binaries(), fresh_folder / "programs")
    with PostgresServer(data_dir, bin_dir=copy) as server:
        assert _value(server, "SELECT 1") == 1
