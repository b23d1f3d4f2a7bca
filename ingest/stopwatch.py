"""How long each stage of the flow took: what the benchmark prints, so that the next bottleneck is visible."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STAGES = ("wait", "decode", "process", "checkpoint", "repair", "commit", "ack")


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage since the start, and what went through."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    batches: int = 0
    messages: int = 0
    fixes: int = 0
    rejects: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what happens inside to a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - begun

    def count(self, messages: int, fixes: int, rejects: int) -> None:
        """Add a batch."""
        self.batches += 1
        self.messages += messages
        self.fixes += fixes
        self.rejects += rejects

    def shares(self) -> dict[str, float]:
        """Part of the sum of all stages that each took; commit and ack run beside the others."""
        whole = sum(self.seconds.values()) or 1.0
        return {name: spent / whole for name, spent in self.seconds.items()}
