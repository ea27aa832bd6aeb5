"""Snippets and samples of the cheatsheet as the code around them writes its names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

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


_IMPORT = re.compile(r"(?:from (?P<module>[\w.]+) )?import (?P<names>[\w., ]+)\Z")


def adapted_sample(code: str, imported: Callable[[str, str | None], Imported]) -> tuple[str, tuple[Edit, ...]]:
    """A sample without the imports at its top, its names spelled as at its place, and the edits that import them."""
    lines = code.splitlines()
    count = next((i for i, line in enumerate(lines) if line and _IMPORT.match(line) is None), len(lines))
    rest = "\n".join(lines[count:])
    wanted: set[tuple[str, str | None]] = {one for line in lines[:count] for one in _imports(line)}
    if re.search(r"(?<![\w.])asyncio\.", rest):
        wanted.add(("asyncio", None))
    edits = list[Edit]()
    for module, name in sorted(wanted, key=lambda one: (one[1] is not None, one[0], one[1] or "")):
        written = imported(module, name)
        edits += [edit for edit in written.edits if edit not in edits]
        plain = name or module
        if written.text != plain:
            rest = re.sub(rf"(?<![\w.]){re.escape(plain)}(?!\w)", written.text, rest)
    return rest, joined(edits)


def _imports(line: str) -> Iterator[tuple[str, str | None]]:
    found = _IMPORT.match(line)
    if found is not None:
        for name in found["names"].split(","):
            module, own = found["module"], name.strip()
            yield (module, own) if module else (own, None)
