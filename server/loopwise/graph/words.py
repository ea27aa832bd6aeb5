"""Describes an edge in a word or two, the same in the terminal and in editors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loopwise.graph.values import Edge

VERBS: Mapping[str, str] = MappingProxyType(
    {
        "calls": "calls",
        "awaits": "awaits",
        "task": "starts task",
        "group": "starts in task group",
        "gathers": "gathers",
        "runs": "runs",
        "thread": "runs in thread",
        "process": "runs in process",
        "callback": "schedules",
        "blocks": "blocks on",
    }
)


def said(edge: Edge) -> str:
    """The edge as an editor's detail: ``awaits · lock self._lock, timeout 5``, ``starts task · not stored``."""
    notes = ", ".join((*edge.within, *(("not stored",) if edge.lost else ())))
    return f"{VERBS[edge.kind]} · {notes}" if notes else VERBS[edge.kind]
