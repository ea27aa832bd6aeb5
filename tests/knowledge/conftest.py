"""Let the tests of this folder import its tools, and those that measure asyncio."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "server" / "tools" / "measure")]


def pytest_configure(config: pytest.Config) -> None:
    """Register this folder's marker."""
    config.addinivalue_line("markers", "slow: needs node and npm, which stand in for a Python that is not installed")
