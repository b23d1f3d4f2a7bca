"""Real servers for tests: found or fetched on this machine, started lazily, always stopped."""

import os
from pathlib import Path
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test with the reason, which the summary shows; in CI nothing may be missing, so fail there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in CI: {reason}", pytrace=False)
    pytest.skip(reason)


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended and that its new parent has not taken note of does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
