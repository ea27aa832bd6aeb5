"""Tests that need a program a contributor may not have: skipped without it, except where it is required."""

from __future__ import annotations

import os

import pytest

VARIABLE = "LOOPWISE_NEEDS"


def needed(program: str, there: bool, remedy: str) -> None:
    """Skip a test whose program is not there; let it fail where ``$LOOPWISE_NEEDS`` (a list) names the program.

    Called by a fixture, so that a machine without the program collects the tests all the same.
    """
    if there:
        return
    missing = f"{program} is not there: {remedy}"
    if program in os.environ.get(VARIABLE, "").replace(",", " ").split():
        pytest.fail(f"{missing} ({VARIABLE} names it)", pytrace=False)
    pytest.skip(missing)
