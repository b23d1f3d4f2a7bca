"""The registry in force for the flow: loaded once, and again in the background when there is a newer one."""

import logging
import threading
from functools import cached_property

from hazmat.contradictions import contradictions
from hazmat.registry import Registry
from hazmat.store.errors import StoreUnavailable
from hazmat.store.registry import load_registry, note_refusal, registry_version
from ingest.patience import persistently
from rules.catalogue import rule_table

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class RegistryWatch:
    """Holds the last good snapshot; whoever judges a batch takes `registry` once, between batches.

    Rows in the database that contradict one another, or that nothing can be made of, make no new snapshot:
    the last good one stays in force; the log says so once a version, and the database for the screens. At
    the start there is no last good one: then it is a ValueError, told to the screens all the same. A database
    that fails ends the flow at the next look, by the error that it raised.
    """

    def __init__(self, dsn: str, stop: threading.Event) -> None:
        self._dsn = dsn
        self._stop = stop
        self._registry = persistently(self._first, stop)
        self._refused = -1  # version
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._watch, name="registry", daemon=True)

    def start(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    @property
    def registry(self) -> Registry:
        """The last good snapshot."""
        if self._error:
            raise self._error
        return self._registry

    def _first(self) -> Registry:
        try:
            return self._load()
        except ValueError as error:
            note_refusal(self._dsn, f"nothing is judged, there is no good version yet: {error}")
            raise

    def _load(self) -> Registry:
        registry = load_registry(self._dsn)
        if faults := contradictions(registry.world):
            raise ValueError("\n".join(faults))
        _warm(registry)
        note_refusal(self._dsn, "")
        log.info(
            "registry version %d: %d vehicles, %d fences",
            registry.version, len(registry.world.vehicles), len(registry.world.fences),
        )  # fmt: skip
        return registry

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self._look()
            except StoreUnavailable:
                continue  # the flow itself says that the database is away
            except Exception as error:  # told by the flow, on its own thread
                self._error = error
                return

    def _look(self) -> None:
        version = registry_version(self._dsn)
        if version in (self._registry.version, self._refused):
            return
        try:
            self._registry = self._load()
        except ValueError as error:
            self._refused = version
            refusal = f"version {version} is refused, {self._registry.version} stays in force: {error}"
            log.error("registry %s", refusal)  # noqa: TRY400 - bad rows are data, no fault of ours
            note_refusal(self._dsn, refusal)
        else:
            self._refused = -1


def _warm(registry: Registry) -> None:
    """Build the lookups now, here, and not in the middle of a batch; ValueError if they cannot be built."""
    for name, attribute in vars(Registry).items():
        if isinstance(attribute, cached_property):
            getattr(registry, name)
    rule_table(registry)
