"""Documentation of items and signatures, in the markup that the client shows."""

from __future__ import annotations

from lsprotocol import types

from loopwise.features.hover import plain, without_pictures


def documentation(markdown: str, kind: types.MarkupKind | None) -> str | types.MarkupContent | None:
    """A text as the client shows it; ``kind`` is ``None`` for a client that announces no format: it gets a string."""
    if not markdown:
        return None
    if kind is None:
        return plain(markdown)
    return types.MarkupContent(
        kind, without_pictures(markdown) if kind is types.MarkupKind.Markdown else plain(markdown)
    )
