"""PostgreSQL as our own child process: created on first use, dead when we are, good after any kill -9."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from pwd import struct_passwd
from subprocess import Popen
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from hazmat.childprocess import LOOPBACK, ChildError, ServerProcess, end, log_tail, spawn, wait_until
from hazmat.store.binaries import closed_folder, copied_wheel, find_binaries, server_user

DATABASE = "hazmat"
ROLE = "hazmat"
_SOCKET_PORT = 5432  # names the socket file; no TCP port is opened by it
_READY_SECONDS = 120.0  # a crash recovery may have gigabytes of log to read
_LOCK_PAUSE_SECONDS = 0.1
# What the server says while its predecessor, or that one's children, are still ending.
_PREDECESSOR_ALIVE = ("FATAL:  lock file", "pre-existing shared memory block")
_INITDB_OPTIONS = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256")
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_DEFAULTS = MappingProxyType(
    {
        "synchronous_commit": "on",
        "fsync": "on",
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_connections": "60",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
)


class PostgresServer(ServerProcess):
    """One PostgreSQL server on one data directory, reached over a Unix socket that its owner and root see.

    `data_dir` is created on the first start; the log is `<data_dir>.log` beside it. `settings` are server
    settings (`shared_preload_libraries`, `fsync`, …) that replace our defaults. With `tcp_port` the server
    also listens on 127.0.0.1 and asks for a password: no login before ALTER ROLE hazmat PASSWORD has set one.
    Start it from the main thread. When it cannot start: ChildError with the end of the server's log.
    """

    stop_signals = (signal.SIGINT, signal.SIGQUIT)  # fast: roll back and checkpoint; immediate: recover later

    def __init__(
        self,
        data_dir: Path,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] = _NO_SETTINGS,
        tcp_port: int | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        super().__init__(self.data_dir.with_name(f"{self.data_dir.name}.log"))
        self.bin_dir = find_binaries(bin_dir)
        self.tcp_port = tcp_port
        self.settings = {**_DEFAULTS, **settings}
        # Derived, not random: the address outlives a restart. Short: a socket's path has at most 107 bytes.
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        self.socket_dir = Path(tempfile.gettempdir()) / f"hazmat-pg-{name}"

    @property
    def dsn(self) -> str:
        """libpq URL of the database `hazmat`; the same after every restart."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """Return the libpq URL of any database on this server."""
        port = self.tcp_port or _SOCKET_PORT
        return (
            f"postgresql://{ROLE}@/{quote(database)}?host={quote(str(self.socket_dir), safe='')}&port={port}"
        )

    def start(self) -> None:
        """Start the server, at the first time create it; return when it accepts connections.

        A predecessor that is still ending, or crash recovery, is waited for. Raises ChildError.
        """
        if self.running:
            return
        user = server_user(self.data_dir)
        self._prepare_folders(user)
        if not (self.data_dir / "PG_VERSION").exists():
            self._create(user)
        for lock in (self.data_dir / "postmaster.pid", *self.socket_dir.glob(".*.lock")):
            _drop_foreign_lock(lock)
        self._process = self._launch(user)
        try:
            self._ensure_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server after a checkpoint; open transactions are rolled back."""
        super().stop()
        with suppress(OSError):
            self.socket_dir.rmdir()

    def _prepare_folders(self, user: struct_passwd | None) -> None:
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        if user and (closed := closed_folder(self.data_dir, user)):
            raise ChildError(
                f"as root the server runs as {user.pw_name}, who may not enter {closed}: move the data"
            )
        if user and closed_folder(self.bin_dir / "postgres", user):
            self.bin_dir = copied_wheel(
                self.bin_dir, self.data_dir.with_name(f"{self.data_dir.name}.programs")
            )
        with suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
            _give(self.socket_dir, user)
        status = self.socket_dir.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != (user.pw_uid if user else os.geteuid()):
            raise ChildError(f"{self.socket_dir} belongs to somebody else: remove it")

    def _create(self, user: struct_passwd | None) -> None:
        # Made beside its place and renamed, so that a data directory is whole or absent.
        unfinished = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _give(unfinished, user)
        command: list[str | Path] = [self.bin_dir / "initdb", "-D", unfinished, "-U", ROLE, *_INITDB_OPTIONS]
        process = spawn(command, self.log, user=user, environment={"LC_ALL": "C.UTF-8"})
        if process.wait() != 0:
            raise ChildError(f"initdb ended with {process.returncode}:\n{log_tail(self.log)}")
        if self.data_dir.exists():
            self.data_dir.rmdir()  # an empty one is replaced; OSError if it holds anything
        unfinished.rename(self.data_dir)

    def _launch(self, user: struct_passwd | None) -> Popen[bytes]:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            said_before = self.log.stat().st_size if self.log.exists() else 0
            process = spawn(self._command(), self.log, user=user, on_parent_death=signal.SIGINT)
            try:
                wait_until(lambda: self._answers(process.pid), process, self.log, _READY_SECONDS)  # noqa: B023
            except BaseException as error:
                end(process, (signal.SIGQUIT,), self.patience_seconds)
                said = log_tail(self.log, said_before)
                wait_on = isinstance(error, ChildError) and any(text in said for text in _PREDECESSOR_ALIVE)
                if not wait_on or time.monotonic() > deadline:
                    raise
                time.sleep(_LOCK_PAUSE_SECONDS)
            else:
                return process

    def _command(self) -> list[str | Path]:
        address = {
            "unix_socket_directories": str(self.socket_dir),
            "port": str(self.tcp_port or _SOCKET_PORT),
            "listen_addresses": LOOPBACK if self.tcp_port else "",
        }
        options = [f"--{name}={value}" for name, value in {**self.settings, **address}.items()]
        return [self.bin_dir / "postgres", "-D", self.data_dir, *options]

    def _answers(self, pid: int) -> bool:
        try:
            # A predecessor may still be answering on the same socket: the lock file says whose it is.
            owner = (self.data_dir / "postmaster.pid").read_text().split("\n", 1)[0]
            psycopg.connect(self.dsn_of("postgres"), connect_timeout=5).close()
        except (OSError, psycopg.OperationalError):
            return False
        return owner == str(pid)

    def _ensure_database(self) -> None:
        with psycopg.connect(self.dsn_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(DATABASE)))


def _give(folder: Path, user: struct_passwd | None) -> None:
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)


def _drop_foreign_lock(lock: Path) -> None:
    """Remove a lock file left by a crash whose process id now belongs to a program that is no PostgreSQL.

    The server clears a lock by itself when nobody has that id; when somebody has, it would never start again.
    """
    with suppress(OSError, ValueError):
        pid = int(lock.read_text().split("\n", 1)[0])
        if b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            lock.unlink()
