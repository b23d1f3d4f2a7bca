"""The registry in force for the flow: loaded once, and again in the background when there is a newer one."""

import logging
import threading
from functools import cached_property

from hazmat.registry import Registry
from hazmat.store.errors import StoreUnavailable
from hazmat.store.registry import load_registry, registry_version
from ingest.patience import persistently

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class RegistryWatch:
    """Holds the latest snapshot; whoever judges a batch takes `registry` once, between batches.

    A registry that cannot be loaded ends the flow at the next look, by the error that it raised.
    """

    def __init__(self, dsn: str, stop: threading.Event) -> None:
        self._dsn = dsn
        self._stop = stop
        self._registry = persistently(self._load, stop)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._watch, name="registry", daemon=True)

    def start(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    @property
    def registry(self) -> Registry:
        """The latest snapshot."""
        if self._error:
            raise self._error
        return self._registry

    def _load(self) -> Registry:
        registry = load_registry(self._dsn)
        _warm(registry)
        log.info(
            "registry version %d: %d vehicles, %d fences",
            registry.version, len(registry.world.vehicles), len(registry.world.fences),
        )  # fmt: skip
        return registry

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                if registry_version(self._dsn) != self._registry.version:
                    self._registry = self._load()
            except StoreUnavailable:
                continue  # the flow itself says that the database is away
            except Exception as error:  # told by the flow, on its own thread
                self._error = error
                return


def _warm(registry: Registry) -> None:
    """Build the lookups now, here, and not in the middle of a batch."""
    for name, attribute in vars(Registry).items():
        if isinstance(attribute, cached_property):
            getattr(registry, name)
