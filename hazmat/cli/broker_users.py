"""Who may log in at the broker and what each may do: passwords made once, hashes kept, rights as topics."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hazmat.cli.complaint import ConditionError
from ingest.topics import SUBSCRIPTIONS

INGEST = "hazmat-ingest"
STATE = "passwd"
Hasher = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One login: topics it may publish to, and filters it may subscribe to."""

    name: str
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """What a run has changed; ``sheet`` None: nobody is new."""

    hashes: Mapping[str, str]
    new: tuple[str, ...]
    removed: tuple[str, ...]
    sheet: Path | None


def all_users(vehicles: Iterable[str], gateways: Iterable[str]) -> list[BrokerUser]:
    """Every vehicle may publish as itself alone, a gateway on its own topic, ingest may only listen."""
    trucks = [BrokerUser(name, topics_of(name)) for name in sorted(vehicles)]
    if any(truck.name == INGEST for truck in trucks):
        raise ConditionError(f"a vehicle is registered as {INGEST}, the name under which ingest logs in")
    # No vehicle's id can hold an @, so that no gateway has a vehicle's name.
    relays = [BrokerUser(f"gateway@{name}", (f"hazmat/v1/gateway/{name}/positions",)) for name in gateways]
    return [BrokerUser(INGEST, reads=SUBSCRIPTIONS), *relays, *trucks]


def topics_of(vehicle_id: str) -> tuple[str, ...]:
    """The topics that ingest reads as this vehicle's: ours, and OwnTracks' for an id like ``user.device``."""
    ours = tuple(f"hazmat/v1/{vehicle_id}/{kind}" for kind in ("position", "positions"))
    cuts = [place for place, sign in enumerate(vehicle_id) if sign == "."]
    pairs = [(vehicle_id[:cut], vehicle_id[cut + 1 :]) for cut in cuts]
    owntracks = [f"owntracks/{user}/{device}" for user, device in pairs if user and device]
    return ours + tuple(topic + last for topic in owntracks for last in ("", "/event"))


def issue(
    folder: Path, users: Sequence[BrokerUser], renew: Sequence[str], hasher: Hasher, mark: str
) -> Issued:
    """Keep known hashes, make passwords for new users, forget the others; write sheet and state.

    The sheet (CSV, mode 0600) is the only place where a password stands in clear, and is never overwritten.
    ``mark``: how this broker's hashes begin; others are a ConditionError, as is an unknown name to renew.
    """
    names = [user.name for user in users]
    if unknown := sorted(set(renew) - set(names)):
        raise ConditionError(f"--renew {unknown[0]}: no such user of the broker")
    known = _read_state(folder / STATE, mark)
    new = [name for name in names if name not in known or name in renew]
    passwords = [secrets.token_urlsafe(18) for _ in new]
    hashes = known | dict(zip(new, hasher(passwords), strict=True))
    sheet = _write_sheet(folder, new, passwords) if new else None
    kept = {name: hashes[name] for name in names}
    write_private(folder / STATE, "".join(f"{name}:{value}\n" for name, value in kept.items()))
    return Issued(kept, tuple(new), tuple(sorted(known.keys() - kept.keys())), sheet)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone; the disk has it when this returns."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, text)
    fresh.replace(path)


def _write_new(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read_state(path: Path, mark: str) -> dict[str, str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = [line.partition(":") for line in lines if line.strip()]
    for number, (_, _, value) in enumerate(pairs, 1):
        if not value.startswith(mark):
            raise ConditionError(f"{path}:{number}: not a password of this broker; choose another --out")
    return {name: value for name, _, value in pairs}


def _write_sheet(folder: Path, names: Sequence[str], passwords: Sequence[str]) -> Path:
    # An unguessable client id: who knows another's could end its session on a broker that does not tie both.
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("user", "password", "client_id"))
    for name, password in zip(names, passwords, strict=True):
        client_id = f"{name.replace('.', '_')}-{secrets.token_hex(4)}"  # NATS takes no dot in it
        rows.writerow((name, password, client_id))
    number = 1
    while True:
        path = folder / f"credentials-{number}.csv"
        try:
            _write_new(path, text.getvalue())
        except FileExistsError:
            number += 1
        else:
            return path
