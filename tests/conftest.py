"""Options of the test suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption("--update", action="store_true", help="rewrite the claims of tests/scenarios to what is")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Sets are shown in order: processes that run parts of the suite must agree on the names of cases."""
    if isinstance(val, (set, frozenset)):
        return "{" + ", ".join(sorted(map(str, val))) + "}"
    return str(val) if isinstance(val, dict) else None
