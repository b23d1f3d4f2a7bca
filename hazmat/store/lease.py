"""Who owns which partitions of the feed, and how far they are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hazmat.outcome import Outcome
from hazmat.partition import partition_of
from hazmat.store.errors import OwnershipLost, StoreFault


@dataclass(frozen=True, slots=True)
class Lease:
    """The partitions that one process owns: their epoch, and the last batch stored of each."""

    epoch: dict[int, int]
    batch_no: dict[int, int]

    def after(self, partitions: Iterable[int], batch_no: int) -> "Lease":
        """The lease when a batch that touched these partitions is stored."""
        return Lease(self.epoch, self.batch_no | dict.fromkeys(partitions, batch_no))

    def touched(self, batch_no: int, outcome: Outcome, checkpoint: Mapping[int, bytes]) -> list[int]:
        """Partitions whose progress a batch sets: of its fixes and checkpoints, else the lowest leased.

        So each commit leaves its number somewhere, and one whose reply was lost can be found out.
        OwnershipLost: one is not leased. StoreFault: no lease at all, or a number that does not go up.
        """
        if not self.epoch:
            raise StoreFault("a lease without partitions can store nothing")
        if batch_no <= max(self.batch_no.values()):
            raise StoreFault(f"batch {batch_no} comes after batch {max(self.batch_no.values())}")
        found = {*np.unique(partition_of(outcome.positions.vehicle_id)).tolist(), *checkpoint}
        if strange := found - set(self.epoch):
            raise OwnershipLost(f"partitions {sorted(strange)} are not in the lease")
        return sorted(found) or [min(self.epoch)]
