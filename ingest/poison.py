"""A batch on which our own code failed: kept for the developer, word by word, before the flow stops."""

import base64
from collections.abc import Sequence
from pathlib import Path

import orjson

from hazmat.clock import now
from ingest.message import Message


class PoisonedBatch(Exception):  # noqa: N818
    """A bug met this batch; it stays unacknowledged. The message says where its messages were written."""


def poisoned(messages: Sequence[Message], folder: Path) -> PoisonedBatch:
    """Keep the messages and say where, as the error to raise."""
    if not messages:
        return PoisonedBatch("a tick, without messages")
    path = keep(messages, folder)
    return PoisonedBatch(
        f"{len(messages)} messages, {messages[0].topic} to {messages[-1].topic}: kept in {path}"
    )


def keep(messages: Sequence[Message], folder: Path) -> Path:
    """Write the messages, one JSON object a line, as `hazmat replay` reads them; the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now():%Y%m%dT%H%M%S.%fZ}.ndjson"
    path.write_bytes(b"".join(orjson.dumps(_line(message)) + b"\n" for message in messages))
    return path


def _line(message: Message) -> dict[str, object]:
    line: dict[str, object] = {"topic": message.topic, "received_at": message.received_at}
    try:
        orjson.loads(message.payload)
    except orjson.JSONDecodeError:
        return {**line, "payload": {"base64": base64.b64encode(message.payload).decode()}}
    return {**line, "payload": orjson.Fragment(message.payload)}
