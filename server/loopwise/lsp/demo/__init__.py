"""A minimal editor that speaks the protocol to the real server, for ``loopwise demo``."""

from __future__ import annotations

from loopwise.lsp.demo.client import ServerFailed, Session, converse
from loopwise.lsp.demo.requests import Called, Offered, Typing

__all__ = [
    "Called",
    "Offered",
    "ServerFailed",
    "Session",
    "Typing",
    "converse",
]
