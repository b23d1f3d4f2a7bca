"""The one transaction of a batch: claim its partitions, stage, store, commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hazmat.clock import from_time
from hazmat.columns import Times
from hazmat.outcome import Outcome, Reject
from hazmat.repairs import Asks, Repaired
from hazmat.store.connection import Connection
from hazmat.store.coverage import save_coverage
from hazmat.store.errors import OwnershipLost, StoreUnavailable
from hazmat.store.flow_rows import alert_rows, journey_rows, reject_rows
from hazmat.store.lease import Lease
from hazmat.store.position_rows import to_copy
from hazmat.store.queries import load_queries


@dataclass(frozen=True, slots=True)
class Repairs:
    """Beside a batch: repairs asked for by fixes that were judged at once, and what one repair changed."""

    asked: Asks = field(default_factory=Asks.empty)
    done: Repaired | None = None


def claim(connection: Connection, lease: Lease, touched: list[int], batch_no: int) -> bool:
    """Begin the transaction and set the progress; False, without one, if this very batch is stored already.

    First of all, since it locks: a twin of this commit still running on a lost connection is waited for.
    """
    ours = {
        "batch_no": batch_no,
        "partitions": touched,
        "epochs": [lease.epoch[p] for p in touched],
        "previous": [lease.batch_no[p] for p in touched],
    }
    with connection.pipeline():
        connection.execute(b"BEGIN")
        progress = connection.execute(load_queries("flow")["set_progress"], ours)
    if progress.rowcount == len(touched):
        return True
    connection.execute(b"ROLLBACK")
    if landed(connection, lease, batch_no):
        return False
    raise OwnershipLost(f"batch {batch_no}: a partition of {touched} was taken over by another process")


def landed(connection: Connection, lease: Lease, batch_no: int) -> bool:
    """Whether the commit of this batch under this lease succeeded."""
    ours = {
        "batch_no": batch_no,
        "partitions": list(lease.epoch),
        "epochs": list(lease.epoch.values()),
    }
    return connection.execute(load_queries("flow")["landed"], ours).fetchone() is not None


def save(
    connection: Connection,
    batch_no: int,
    outcome: Outcome,
    rejects: Sequence[Reject],
    checkpoint: Mapping[int, bytes],
    repairs: Repairs,
) -> None:
    """Save all that a claimed batch brings, and commit."""
    queries = load_queries("flow")
    if len(outcome.positions):
        with connection.cursor().copy(queries["stage"]) as copy:
            copy.write(to_copy(outcome))
    with connection.pipeline():
        for name, values in _statements(batch_no, outcome, rejects, checkpoint):
            connection.execute(queries[name], values)
        if outcome.coverage:
            save_coverage(connection, outcome.coverage)
        for name, values in _of_repairs(batch_no, outcome.registry_version, repairs):
            connection.execute(queries[name], values)
        end = connection.execute(b"COMMIT")
    if end.statusmessage != "COMMIT":
        raise StoreUnavailable(f"batch {batch_no}: the database answered {end.statusmessage} to COMMIT")


def _statements(
    batch_no: int, outcome: Outcome, rejects: Sequence[Reject], checkpoint: Mapping[int, bytes]
) -> Iterator[tuple[str, dict[str, object]]]:
    """What there is to do after the staging: name of the query, values."""
    number: dict[str, object] = {"batch_no": batch_no}
    if len(outcome.positions):
        yield "store_positions_and_repairs" if outcome.late.any() else "store_positions", number
    if len(outcome.last_known.row):
        yield "move_last_known", number
    if outcome.alerts:
        version = {"registry_version": outcome.registry_version}
        yield "save_alerts", number | version | {"rows": alert_rows(outcome.alerts)}
    if outcome.journeys:
        yield "save_journeys", {"rows": journey_rows(outcome.journeys)}
    if rejects:
        yield "save_rejects", {"rows": reject_rows(rejects)}
    for partition, content in checkpoint.items():
        yield "save_checkpoint", number | {"partition": partition, "content": content}


def _of_repairs(
    batch_no: int, registry_version: int, repairs: Repairs
) -> Iterator[tuple[str, dict[str, object]]]:
    if len(repairs.asked):
        yield "ask_repairs", asked_values(repairs.asked)
    if repairs.done is None:
        return
    done = repairs.done
    if done.alerts:
        version: dict[str, object] = {"batch_no": batch_no, "registry_version": registry_version}
        yield "repair_alerts", version | {"rows": alert_rows(done.alerts)}
    if done.withdrawn_journeys:
        yield "withdraw_journeys", {"ids": list(done.withdrawn_journeys)}
    if done.journeys:
        yield "save_journeys", {"rows": journey_rows(done.journeys)}
    if len(done.asks):
        yield "end_repairs", asked_values(done.asks)


def asked_values(asks: Asks) -> dict[str, object]:
    """The columns as parameters of a query."""
    return {
        "vehicles": [name.decode() for name in asks.vehicle_id.tolist()],
        "first_late": _moments(asks.first_late),
        "asked_at": _moments(asks.asked_at),
    }


def _moments(times: Times) -> list[datetime]:
    return [from_time(time) for time in times]
