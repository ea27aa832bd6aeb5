"""The part of a hover about the lifetime of a started task: the cases of ``lifetimes.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwise.features.hover import SymbolHover, hover, markdown
from loopwise.project import Document, Workspace
from loopwise.text import Source
from marked import cursor
from sections import FENCE, raw_sections, title_of

PAGE = Path(__file__).with_name("lifetimes.md").read_text("utf-8")


def cases() -> Iterator[tuple[str, str, str]]:
    for raw in raw_sections(PAGE):
        code, said = (fence["text"] for fence in FENCE.finditer(raw))
        yield title_of(raw), code, said.strip()


CASES = list(cases())


@pytest.mark.parametrize(("title", "code", "said"), CASES, ids=[title for title, _, _ in CASES])
def test_lifetimes(title: str, code: str, said: str) -> None:
    """At most three lines; a dash for none."""
    text, offset = cursor(code)
    workspace = Workspace()
    document = Document("untitled:1", 1, None, Source.of(text))
    view = workspace.view(document)
    found = hover(view, len(text[:offset].encode()))
    assert isinstance(found, SymbolHover)
    assert (found.use or "-") == said
    assert (f"**Here:** {said}" in markdown(found, view.target)) == (said != "-")
