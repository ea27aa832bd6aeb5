"""Caches the findings of earlier runs of ``loopwise check`` in the user's cache folder."""

from __future__ import annotations

from loopwise.cli.check.cache.known import digest_of
from loopwise.cli.check.cache.store import Cache, key_of
from loopwise.cli.check.cache.tracked import TrackedMemo, TrackedProject

__all__ = [
    "Cache",
    "TrackedMemo",
    "TrackedProject",
    "digest_of",
    "key_of",
]
