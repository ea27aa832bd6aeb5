"""Options of the test suite."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption("--update", action="store_true", help="rewrite the claims of tests/scenarios to what is")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Sets are shown in order: processes that run parts of the suite must agree on the names of cases."""
    if isinstance(val, (set, frozenset)):
        return "{" + ", ".join(sorted(map(str, val))) + "}"
    return str(val) if isinstance(val, dict) else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: the tests of editors and servers mostly wait."""
    return (os.cpu_count() or 1) + 1
