"""What can be expected to go wrong is said in one line; only our own faults show a stack trace."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

# By name, so that nothing is imported before something went wrong.
_EXPECTED = {
    "hazmat.childprocess": ("ChildError",),
    "hazmat.supervisor": ("AlreadyRunningError",),
    "hazmat.store.errors": ("StoreUnavailable",),
    "ingest.world": ("WorldError",),
    "ingest.bench.ground": ("NotEmptyError",),
}


class ConditionError(RuntimeError):
    """A condition that a user can mend; the message says what is wrong and what to do."""


def is_expected(error: BaseException) -> bool:
    """Whether the error describes a condition outside our code: no server, no file, a bad setting."""
    return isinstance(error, (ConditionError, OSError, *_expected()))


def complain(error: BaseException) -> int:
    """Print the error to standard error, as `hazmat: …`; returns the exit code 1."""
    print(f"hazmat: {error}", file=sys.stderr, flush=True)
    return 1


def _expected() -> Iterator[type[BaseException]]:
    for module, names in _EXPECTED.items():
        if module in sys.modules:  # an error's module is there before the error
            for name in names:
                yield getattr(importlib.import_module(module), name)
