"""The one transaction of a batch: claim its partitions, stage, store, commit."""

from collections.abc import Iterator, Mapping, Sequence

from hazmat.outcome import Outcome, Reject
from hazmat.store.connection import Connection
from hazmat.store.errors import OwnershipLost, StoreUnavailable
from hazmat.store.flow_rows import alert_rows, journey_rows, reject_rows
from hazmat.store.lease import Lease
from hazmat.store.position_rows import to_copy
from hazmat.store.queries import load_queries


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
) -> None:
    """Save all that a claimed batch brings, and commit."""
    queries = load_queries("flow")
    if len(outcome.positions):
        with connection.cursor().copy(queries["stage"]) as copy:
            copy.write(to_copy(outcome))
    with connection.pipeline():
        for name, values in _statements(batch_no, outcome, rejects, checkpoint):
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
