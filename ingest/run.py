"""The process `ingest`: wires broker, store and rules, and runs the flow until it is told to stop."""

import logging
import signal
import sys
import threading

from hazmat.settings import Settings, read_settings
from hazmat.store.errors import OwnershipLost, StoreFault
from hazmat.store.flow import FlowStore
from ingest.batcher import Batcher
from ingest.flow import Flow
from ingest.mqtt import BrokerAddress, Consumer
from ingest.patience import Stopped
from ingest.poison import PoisonedBatch
from ingest.registry_watch import RegistryWatch

log = logging.getLogger(__name__)

_REDELIVERY_MARGIN_SECONDS = 0.5


def run_ingest(settings: Settings) -> int:
    """Run until SIGTERM or Ctrl-C; both addresses must be set. The exit code: 0, or 1 after a loud stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return run_flow(settings, stop)


def run_flow(settings: Settings, stop: threading.Event) -> int:
    """The same without signals: until `stop` is set."""
    if not settings.database_url or not settings.mqtt_url:
        raise ValueError("ingest needs DATABASE_URL and MQTT_URL")
    consumer = Consumer(broker_address(settings))
    with FlowStore(settings.database_url) as store:
        try:
            watch = RegistryWatch(settings.database_url, stop)
            batcher = Batcher(consumer, settings.batch_rows, settings.batch_seconds)
            flow = Flow(consumer, store, watch, batcher, stop)
            flow.poisoned = settings.data_dir / "poisoned"
            flow.take_over()  # before the first message: the broker's patience begins with its delivery
            watch.start()
            consumer.start()
            flow.run()
        except Stopped:
            log.info("stopped before the database was there")
        except (OwnershipLost, StoreFault, PoisonedBatch):
            log.exception("ingest stops; what it had in hand stays unacknowledged")
            return 1
        finally:
            stop.set()
            consumer.close()
    return 0


def broker_address(settings: Settings) -> BrokerAddress:
    """Where to take messages from, as the settings say."""
    late = settings.mqtt_redelivery_seconds
    return BrokerAddress(
        url=settings.mqtt_url or "",
        client_id=settings.mqtt_client_id,
        tls_ca=settings.mqtt_tls_ca,
        redelivery_seconds=late + _REDELIVERY_MARGIN_SECONDS if late else 0.0,
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(run_ingest(read_settings()))
