"""A town for every page: trucks, alerts and their handling, papers that end, people, rejects, audit log."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from hazmat.accounts import Role
from hazmat.registry import World
from hazmat.store.audit import AuditEntry
from hazmat.store.doors import Doors
from tests import logins
from tests.screen_data import along, fill, insert, put_alert, put_track

CARRIER = "C001"
REJECT = "1" * 32


@dataclass(frozen=True)
class Town:
    """Ids that stand in addresses: of the carrier's own where there is an owner."""

    carrier_id: str
    vehicle_id: str
    alert_id: str
    account_id: int
    reject_id: str
    rule_id: str = "overspeed"


def page_town(dsn: str, vehicles: int, at: datetime) -> Town:
    """Fill a migrated database; the same town for the same moment."""
    world = fill(dsn, vehicles, at, alerts=min(40, vehicles))
    own = [vehicle for vehicle in world.vehicles if vehicle.carrier_id == CARRIER]
    officer = logins.add(dsn, logins.account(Role.OFFICER))
    with psycopg.connect(dsn) as connection:
        road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
        opened = at - timedelta(minutes=6)
        place = along(road, 0.4, 0.6, 60)
        truck = own[0].vehicle_id
        alert = put_alert(connection, truck, "overspeed", "orange", opened, *place[30], road.fence_id, 96.0)
        put_track(connection, truck, at, place)
        _put_papers(connection, world, at)
        _put_handling(connection, alert, officer.account_id, at)
        _put_rejects(connection, at)
    with closing(Doors(dsn)) as doors:
        for minutes in range(4):
            moment = at - timedelta(minutes=minutes)
            entry = AuditEntry(
                at=moment, action="read alert", login="officer", role="officer", object_kind="alert",
                object_id=alert, account_id=officer.account_id, address="127.0.0.1", outcome="done",
            )  # fmt: skip
            doors.audit.write(entry)
    return Town(CARRIER, truck, alert, officer.account_id, REJECT)


def put_person(
    connection: psycopg.Connection[object],
    person_id: str,
    carrier_id: str,
    valid_to: datetime,
    **more: object,
) -> None:
    """A driver; ``more`` are other columns."""
    row = {
        "person_id": person_id, "name": "王伟", "carrier_id": carrier_id,
        "certificate_no": f"3302{person_id}", "may_drive": True, "may_escort": False,
        "hazard_classes": ["3"], "code": "blue",
        "valid_from": valid_to - timedelta(days=2000), "valid_to": valid_to,
    }  # fmt: skip
    insert(connection, "people", row | more)


def put_carrier(
    connection: psycopg.Connection[object], carrier_id: str, name: str, valid_to: datetime
) -> None:
    row = {
        "carrier_id": carrier_id, "name": name, "licence_no": f"浙交运管许可甬字{carrier_id}",
        "hazard_classes": ["2.1", "3", "8"], "valid_from": valid_to - timedelta(days=1400),
        "valid_to": valid_to,
    }  # fmt: skip
    insert(connection, "carriers", row)


def _put_papers(connection: psycopg.Connection[object], world: World, at: datetime) -> None:
    names = {vehicle.carrier_id: vehicle.carrier_name for vehicle in world.vehicles}
    for number, (carrier_id, name) in enumerate(sorted(names.items())):
        put_carrier(connection, carrier_id, name, at + timedelta(days=20 + 90 * number))
    ends = (-12, 3, 18, 90, 200, 400)
    for number, vehicle in enumerate(world.vehicles):
        days = (ends[number % 6] + number % 5, ends[(number + 3) % 6] + number % 7)
        connection.execute(
            "UPDATE vehicles SET inspection_valid_to = %s, tank_inspection_valid_to = %s"
            " WHERE vehicle_id = %s",
            [*(at + timedelta(days=day, hours=5) for day in days), vehicle.vehicle_id],
        )
    bills = {bill.driver_id: bill for bill in world.waybills}
    for number, bill in enumerate(bills.values()):
        ended = at + timedelta(days=ends[number % 6] + 40, hours=3)
        code = "yellow" if number % 11 == 4 else "red" if number % 17 == 9 else "blue"
        person = {"name": bill.driver_name, "hazard_classes": [bill.hazard_class], "code": code}
        put_person(connection, bill.driver_id, bill.carrier_id, ended, **person)
        if bill.escort_id and bill.escort_id not in bills:
            escort = {"name": bill.escort_name, "may_drive": False, "may_escort": True}
            put_person(connection, bill.escort_id, bill.carrier_id, ended + timedelta(days=30), **escort)


def _put_handling(connection: psycopg.Connection[object], alert: str, officer: int, at: datetime) -> None:
    for minutes, kind, text in (
        (4, "acknowledge", ""),
        (3, "claim", ""),
        (2, "note", "已电话通知驾驶员减速"),
    ):
        row = {
            "alert_id": alert, "account_id": officer, "at": at - timedelta(minutes=minutes), "kind": kind,
            "text": text,
        }  # fmt: skip
        insert(connection, "alert_handlings", row)


def _put_rejects(connection: psycopg.Connection[object], at: datetime) -> None:
    kinds = (("not_json", "", b"{lat: 29.9"), ("out_of_range", "lat", b'{"lat": 299.0}'))
    for number, (reason, field, raw) in enumerate(kinds, 1):
        row = {
            "reject_id": str(number) * 32, "received_at": at - timedelta(hours=3), "times": 4 * number,
            "last_received_at": at - timedelta(minutes=number), "topic": "hazmat/v1/BT0705/fix",
            "element": -1, "reason": reason, "field": field, "detail": reason, "raw": raw,
            "raw_size": len(raw),
        }  # fmt: skip
        insert(connection, "rejects", row)
