"""The process `ingest` with a window in it: the stages' times, written to a file ten times a second."""

import json
import signal
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from hazmat.settings import Settings
from hazmat.store.flow import FlowStore
from ingest.batcher import Batcher
from ingest.flow import Flow
from ingest.mqtt import Consumer
from ingest.registry_watch import RegistryWatch
from ingest.run import broker_address
from ingest.stopwatch import Stopwatch

_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Stages:
    """Seconds by stage and what went through, since the start of the process or between two looks."""

    seconds: dict[str, float]
    batches: int = 0
    messages: int = 0
    fixes: int = 0
    rejects: int = 0

    def since(self, before: "Stages") -> "Stages":
        """What happened after an earlier look."""
        return Stages(
            {name: spent - before.seconds.get(name, 0.0) for name, spent in self.seconds.items()},
            self.batches - before.batches,
            self.messages - before.messages,
            self.fixes - before.fixes,
            self.rejects - before.rejects,
        )


def read_stages(file: Path) -> Stages:
    """What the process wrote last; all zero before it has written anything."""
    return Stages(**json.loads(file.read_text())) if file.exists() else Stages({})


def run_measured_ingest(settings: Settings, file: Path) -> int:
    """Run the flow like `ingest.run`, until SIGTERM; an exception of it passes."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    consumer = Consumer(broker_address(settings))
    with FlowStore(settings.database_url or "") as store:
        watch = RegistryWatch(settings.database_url or "", stop)
        batcher = Batcher(consumer, settings.batch_rows, settings.batch_seconds)
        flow = Flow(consumer, store, watch, batcher, stop)
        flow.poisoned = settings.data_dir / "poisoned"
        flow.take_over()
        watch.start()
        consumer.start()
        threading.Thread(target=_write, args=(consumer, flow.stopwatch, file, stop), daemon=True).start()
        try:
            flow.run()
        finally:
            stop.set()
            consumer.close()
    return 0


def _write(consumer: Consumer, stopwatch: Stopwatch, file: Path, stop: threading.Event) -> None:
    """The first time once the broker keeps messages for us: then the floods may begin."""
    unfinished = file.with_suffix(".new")
    subscribed = False
    while not stop.wait(_SECONDS):
        subscribed = subscribed or consumer.quiet
        if not subscribed:
            continue
        unfinished.write_text(json.dumps(asdict(stopwatch)))
        unfinished.replace(file)
