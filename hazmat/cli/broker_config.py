"""`hazmat broker-config`: a login for every registered vehicle, with which it can publish only as itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hazmat.childprocess import LOOPBACK
from hazmat.cli.broker_hashes import BCRYPT_MARK, MOSQUITTO_MARK, bcrypt_hashes, mosquitto_hashes
from hazmat.cli.broker_users import INGEST, STATE, BrokerUser, Issued, all_users, issue, write_private
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.cli.tls import demand_pair
from hazmat.settings import Settings
from hazmat.store.registry import load_registry
from ingest.broker import NatsBroker
from ingest.topics import as_vehicle_id

_MOSQUITTO = """\
# Written by `hazmat broker-config`; a further run replaces it. docs/mqtt.md says why each line is here.
listener {port} {host}
{tls}allow_anonymous false
password_file {folder}/{state}
acl_file {folder}/acl
use_username_as_clientid true
persistence true
persistence_location {folder}/store/
autosave_interval 5
max_queued_messages 100000
max_inflight_messages 65535
"""
# The pattern gives everybody a vehicle's topics; ingest is denied what it would have by it.
_PATTERNS = f"""\
user {INGEST}
topic deny hazmat/v1/{INGEST}/+
{{reads}}
{{users}}
pattern write hazmat/v1/%u/position
pattern write hazmat/v1/%u/positions
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. ``ca``: clients must show a certificate by it."""

    broker: str
    out: Path
    listen: str = f"{LOOPBACK}:1883"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca: Path | None = None
    gateways: Sequence[str] = ()
    renew: Sequence[str] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; ConditionError for a text that is none."""
        host, _, port = self.listen.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ConditionError(f"--listen must be HOST:PORT, not {self.listen!r}")
        return host.strip("[]"), int(port)


def broker_config(settings: Settings, wanted: Wanted) -> int:
    """Write the broker's files and, for users that are new, the sheet with their passwords."""
    _check(wanted)
    with database(settings) as dsn:
        vehicles = [vehicle.vehicle_id for vehicle in load_registry(dsn).world.vehicles]
    users = all_users(vehicles, wanted.gateways)
    issued = write_config(wanted, users)
    print(f"{wanted.broker}: {len(users)} users, {len(issued.new)} new, {len(issued.removed)} removed")
    if issued.sheet:
        print(f"passwords of the new ones, in clear: {issued.sheet} (hand them out, then delete the file)")
    if wanted.tls_cert is None and wanted.address[0] not in {LOOPBACK, "::1", "localhost"}:
        print("without --tls-cert and --tls-key the passwords cross the network in clear")
    return 0


def write_config(wanted: Wanted, users: Sequence[BrokerUser]) -> Issued:
    """Write configuration, hashes and rights into the folder; what was known stays as it was."""
    folder = wanted.out.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if wanted.broker == "nats":
        issued = issue(folder, users, wanted.renew, bcrypt_hashes, BCRYPT_MARK)
        write_private(folder / "nats.json", _nats(wanted, folder, users, issued))
        return issued
    issued = issue(folder, users, wanted.renew, mosquitto_hashes, MOSQUITTO_MARK)
    (folder / "store").mkdir(exist_ok=True)
    write_private(folder / "acl", _mosquitto_acl(users))
    write_private(folder / "mosquitto.conf", _mosquitto(wanted, folder))
    return issued


def _check(wanted: Wanted) -> None:
    assert wanted.address
    demand_pair(wanted.tls_cert, wanted.tls_key, ("--tls-cert", "--tls-key"))
    if wanted.ca and not wanted.ca.is_file():
        raise ConditionError(f"--ca: no file {wanted.ca}")
    if wanted.ca and not wanted.tls_cert:
        raise ConditionError("--ca needs --tls-cert and --tls-key")
    for name in wanted.gateways:
        if as_vehicle_id(name) is None:
            raise ConditionError(f"--gateway must be 1 to 32 of A-Z a-z 0-9 . _ -, not {name!r}")


def _mosquitto(wanted: Wanted, folder: Path) -> str:
    host, port = wanted.address
    tls = ""
    if wanted.tls_cert and wanted.tls_key:
        tls = f"certfile {wanted.tls_cert.absolute()}\nkeyfile {wanted.tls_key.absolute()}\n"
    if wanted.ca:
        tls += f"cafile {wanted.ca.absolute()}\nrequire_certificate true\n"
    return _MOSQUITTO.format(port=port, host=host, tls=tls, folder=folder, state=STATE)


def _mosquitto_acl(users: Sequence[BrokerUser]) -> str:
    """Only what the patterns do not say stands by name: 20,000 names would be searched one by one."""
    reads = "\n".join(f"topic read {topic}" for user in users if user.name == INGEST for topic in user.reads)
    lines = []
    for user in users:
        extra = [topic for topic in user.writes if not topic.startswith(f"hazmat/v1/{user.name}/")]
        if extra:
            lines += [f"user {user.name}", *(f"topic write {topic}" for topic in extra)]
    return _PATTERNS.format(reads=reads, users="\n".join(lines))


def _nats(wanted: Wanted, folder: Path, users: Sequence[BrokerUser], issued: Issued) -> str:
    host, port = wanted.address
    mqtt: dict[str, Any] = {
        "host": host,
        "port": port,
        "ack_wait": f"{NatsBroker.ack_wait_seconds}s",
        "max_ack_pending": NatsBroker.max_ack_pending,
    }
    if wanted.tls_cert and wanted.tls_key:
        mqtt["tls"] = {
            "cert_file": str(wanted.tls_cert.absolute()),
            "key_file": str(wanted.tls_key.absolute()),
        }
    if wanted.ca:
        mqtt["tls"] |= {"ca_file": str(wanted.ca.absolute()), "verify": True}
    store = {"store_dir": str(folder / "store"), "sync_interval": f"{NatsBroker.sync_interval_seconds}s"}
    document = {
        "server_name": "hazmat",
        "host": LOOPBACK,
        "port": -1,  # NATS's own protocol, which nobody uses here and which cannot be switched off
        "jetstream": store,
        "mqtt": mqtt,
        "authorization": {"users": [_nats_user(user, issued.hashes[user.name]) for user in users]},
    }
    return json.dumps(document, indent=1)


def _nats_user(user: BrokerUser, password: str) -> dict[str, Any]:
    # What is not allowed by name is denied, except where a list is missing: so each has one.
    reads = [*map(_subject, user.reads), "$MQTT.sub.>"] if user.reads else []
    rights = {
        "publish": {"allow": [_subject(topic) for topic in user.writes]} if user.writes else {"deny": [">"]},
        "subscribe": {"allow": reads} if reads else {"deny": [">"]},
    }
    return {
        "user": user.name,
        "password": password,
        "permissions": rights,
        "allowed_connection_types": ["MQTT"],
    }


def _subject(topic: str) -> str:
    """An MQTT topic as nats-server names it: levels by dots, a dot as two slashes."""
    levels = (level.replace(".", "//") for level in topic.replace("+", "*").split("/"))
    return ".".join(levels)
