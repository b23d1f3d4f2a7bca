"""Real servers for tests: found or fetched on this machine, started lazily, always stopped."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test with the reason, which the summary shows; in CI nothing may be missing, so fail there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in CI: {reason}", pytrace=False)
    pytest.skip(reason)
