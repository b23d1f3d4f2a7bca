"""Errors of a GNSS receiver that drift over minutes: a first-order Gauss-Markov process on each axis."""

from dataclasses import dataclass, field

import numpy as np

SIGMA_M = (2.0, 4.0)  # of one axis; receivers differ
CORRELATION_S = 60.0


@dataclass(slots=True)
class Receiver:
    """One receiver; ``error`` advances it. ``accuracy_m`` is what it claims: twice its sigma."""

    rng: np.random.Generator
    sigma_m: float = field(init=False)
    _east_m: float = field(init=False)
    _north_m: float = field(init=False)
    _at: float = -np.inf

    def __post_init__(self) -> None:
        self.sigma_m = float(self.rng.uniform(*SIGMA_M))
        self._east_m, self._north_m = self.rng.normal(0.0, self.sigma_m, 2).tolist()

    @property
    def accuracy_m(self) -> float:
        """As reported, in metres."""
        return round(2 * self.sigma_m, 1)

    def error(self, at: float) -> tuple[float, float]:
        """(east, north) error in metres at a time in seconds, not before the last one asked for."""
        keep = float(np.exp(-(at - self._at) / CORRELATION_S))
        east, north = self.rng.normal(0.0, self.sigma_m * np.sqrt(1 - keep * keep), 2).tolist()
        self._east_m = keep * self._east_m + east
        self._north_m = keep * self._north_m + north
        self._at = at
        return self._east_m, self._north_m
