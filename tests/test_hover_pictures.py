"""Text by others, in cards and docstrings, makes an editor load nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwise.features.hover import hover, markdown, without_pictures
from loopwise.project import Document, Workspace
from loopwise.text import Source
from marked import cursor

PAGE = """\
# Ours

## hive.fetch

Fetch it ![seen](https://tracker.example/a.png) and <img src="https://tracker.example/b.png"> so.

> **Mind.** ![][ref] is a picture too.

```python
x = items[![1]]  # <img>
```
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ![x](https://e.x/y.png) b", "a [x](https://e.x/y.png) b"),
        ("![x][y] ![z]", "[x][y] [z]"),
        ("[![x](https://e.x)](https://e.y)", "[[x](https://e.x)](https://e.y)"),
        ('<img src="https://e.x">', '\\<img src="https://e.x">'),
        ("<IFRAME src=x></IFRAME>", "\\<IFRAME src=x>\\</IFRAME>"),
        ("<https://e.x/y> stays", "<https://e.x/y> stays"),
        ("`![x](y)` and ``a`![x]`` stay", "`![x](y)` and ``a`![x]`` stay"),
        ("```python\n![x](y) <b>\n```\n![x](y)", "```python\n![x](y) <b>\n```\n[x](y)"),
        ("```\n![x](y)", "```\n[x](y)"),
        ("a `b ![x](y)", "a `b [x](y)"),
        ("1 < 2 and a <= b", "1 < 2 and a <= b"),
    ],
)
def test_pictures_become_links(text: str, expected: str) -> None:
    assert without_pictures(text) == expected


SLOW = ("`" * 20_000 + "<a", "```\n" * 5_000 + "![", "~~~\n`" * 5_000 + "<a", "`a" * 9_999 + "![")


@pytest.mark.parametrize("text", SLOW, ids=["marks", "fences", "mixed", "open"])
def test_every_text_is_fast(text: str) -> None:
    without_pictures(text)


def test_a_card_of_a_project_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "hive.md").write_text(PAGE)
    (tmp_path / "pyproject.toml").write_text('[tool.loopwise]\nknowledge = ["cards"]\n')
    text, offset = cursor("import hive\nasync def f():\n    await hive.fetch$0()\n")
    path = tmp_path / "app.py"
    workspace = Workspace([tmp_path])
    document = Document(path.as_uri(), 1, path, Source.of(text))
    workspace.open(document)
    found = hover(workspace.view(document), offset)
    assert found is not None
    shown = markdown(found, workspace.root(path).target, samples="all")
    prose = shown.partition("```python\nx =")[0]
    assert "[seen](https://tracker.example/a.png)" in prose
    assert "![" not in prose
    assert "<img" not in prose.replace("\\<img", "")
