"""Adapts the cheatsheet's snippets to how the surrounding code spells its names."""

from __future__ import annotations

from collections.abc import Callable

from loopwise.cards import Snippet
from loopwise.text import Edit
from loopwise.writing.edits import joined
from loopwise.writing.imports import Imported


def adapted(snippet: Snippet, imported: Callable[[str], Imported]) -> tuple[str, tuple[Edit, ...]]:
    """The body of a snippet with its modules spelled as at the place, and the edits that import them."""
    body, edits = snippet.body, list[Edit]()
    for module in (*(("asyncio",) if "asyncio." in body else ()), *snippet.imports):
        written = imported(module)
        edits += [edit for edit in written.edits if edit not in edits]
        if written.text != module:
            body = body.replace(f"{module}.", f"{written.text}.")
    return body, joined(edits)
