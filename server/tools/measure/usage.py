"""Write knowledge/usage.json: how much each public asyncio name is used in real projects, and in what kind of place.

    python usage.py FOLDER ...

Each FOLDER is one project's sources. Loopwise's own evaluator says what each name there means; nothing is imported.
A weight is the sum over the projects of log2(1 + count): a name that all of them use a little
outweighs one that a single project, however large, uses all the time.
The same folders give the same file.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from loopwise.cards.api import Api
from loopwise.project.document import Document
from loopwise.project.view import View
from loopwise.project.workspace import Workspace
from loopwise.semantics.bindings.files import File
from loopwise.semantics.symbols import use_of
from loopwise.syntax.tree import Node, field, is_async, text_of, walk
from loopwise.text import Source

USAGE = Path(__file__).resolve().parents[3] / "knowledge" / "usage.json"
PLACES = ("await", "async_with", "async_for", "raise", "argument", "statement", "sync", "import", "annotation")
TOTAL = "total"
LARGEST = 1024 * 1024  # bytes; larger files are generated

# A name in one of these means what the one around it means.
_THROUGH = frozenset(
    "parenthesized_expression conditional_expression boolean_operator as_pattern keyword_argument"
    " list_splat tuple list".split()
)
_IMPORTS = frozenset({"import_statement", "import_from_statement"})
_FUNCTIONS = frozenset({"function_definition", "lambda"})
# Where a name is given its value, and so not used: a field of its parent, or any child of these.
_BOUND_FIELDS = {
    "default_parameter": "name",
    "typed_default_parameter": "name",
    "named_expression": "name",
    "aliased_import": "alias",
    "assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
}
_BOUND = frozenset({"typed_parameter", "pattern_list", "tuple_pattern", "global_statement"})

Counts = Mapping[tuple[str, str], int]
"""The number of uses, by canonical name and place."""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="+", type=Path, help="sources of one project")
    parser.add_argument("--out", default=USAGE, type=Path)
    options = parser.parse_args()
    measured, counts = {}, []
    for folder in options.folder:
        name, version = named(folder)
        print(f"{name} {version}", file=sys.stderr)
        measured[name] = version
        counts.append(count_uses(folder))
    options.out.write_text(written(measured, weights(counts)), encoding="utf-8")


def named(folder: Path) -> tuple[str, str]:
    """A project's name and version, from its metadata or else its folder's name."""
    metadata = folder / "PKG-INFO"
    text = metadata.read_text("utf-8") if metadata.exists() else ""
    found = [re.search(rf"^{label}: (.+)$", text, re.MULTILINE) for label in ("Name", "Version")]
    name, _, version = folder.resolve().name.partition("-")
    return found[0][1] if found[0] else name, found[1][1] if found[1] else version


def count_uses(folder: Path) -> Counter[tuple[str, str]]:
    """Count the uses of asyncio's names in all Python files below a folder."""
    folder = folder.resolve()
    workspace = Workspace([folder])
    counts: Counter[tuple[str, str]] = Counter()
    for path in sorted(folder.rglob("*.py")):
        if path.is_file() and path.stat().st_size <= LARGEST:
            document = Document(path.as_uri(), 0, path, Source.of(path.read_bytes()))
            counts.update(uses(workspace.view(document)))
    return counts


def uses(view: View) -> Iterator[tuple[str, str]]:
    """Canonical name and place of each use of asyncio in a file, quoted annotations included."""
    words = last_parts(view.api)
    for node in walk(view.file.root):
        if node.type == "identifier" and text_of(node) in words and not binds(node):
            name = meant(view, node)
            if name is not None:
                yield name, "annotation" if view.file.outer is not None else place_of(after_module(view, name, node))
        elif node.type == "string_content" and any(above.type == "type" for above in around(node)):
            source = Source.of(node.text or b"")
            quoted = File(view.file.name, view.file.key, source, outer=(view.file, node))
            yield from uses(msgspec.structs.replace(view, file=quoted))


def last_parts(api: Api) -> frozenset[str]:
    """The last parts of asyncio's names."""
    return frozenset(name.rpartition(".")[2] for name in api.symbols if name != "asyncio")


def binds(node: Node) -> bool:
    """Is an identifier bound here?"""
    parent = node.parent
    if parent is None or parent.type in _BOUND:
        return True
    bound = _BOUND_FIELDS.get(parent.type)
    return bound is not None and field(parent, bound) == node


def meant(view: View, node: Node) -> str | None:
    """The public name that an identifier means, as api.json spells it."""
    try:
        name = use_of(view.evaluator, view.api, view.file, node).name
    except RecursionError:
        return None
    return view.api.canonical(name) if name is not None else None


def after_module(view: View, name: str, node: Node) -> Node:
    """The member looked up in a module, in its place: ``PIPE`` for ``subprocess`` in ``asyncio.subprocess.PIPE``."""
    parent = node.parent.parent if node.parent is not None else None
    inner = field(parent, "attribute") if parent is not None and parent.type == "attribute" else None
    return inner if inner is not None and view.api.symbols[name].kind == "module" else node


def place_of(node: Node) -> str:
    """The one of ``PLACES`` that an identifier is in."""
    above = [outer.type for outer in around(node)]
    if not _IMPORTS.isdisjoint(above):
        return "import"
    if "type" in above:
        return "annotation"
    return _value_place(whole(node)) or ("statement" if in_async_code(node) else "sync")


def whole(node: Node) -> Node:
    """The expression whose value an identifier determines: ``asyncio.sleep(1)`` for ``sleep``."""
    for kind, part in (("attribute", "attribute"), ("call", "function")):
        parent = node.parent
        if parent is not None and parent.type == kind and field(parent, part) == node:
            node = parent
    while node.parent is not None and node.parent.type in _THROUGH:
        node = node.parent
    return node


def _value_place(node: Node) -> str | None:
    """The use of an expression's value, if it is one of ``PLACES``."""
    parent = node.parent
    assert parent is not None
    if parent.type == "await":
        return "await"
    if parent.type == "with_item":
        statement = parent.parent.parent if parent.parent is not None else None
        return "async_with" if statement is not None and is_async(statement) else None
    if parent.type in {"for_statement", "for_in_clause"}:
        return "async_for" if is_async(parent) else None
    if parent.type in {"raise_statement", "except_clause"}:
        return "raise"
    of_call = parent.type == "argument_list" and parent.parent is not None and parent.parent.type == "call"
    return "argument" if of_call else None


def in_async_code(node: Node) -> bool:
    """Is the innermost function around a node async?"""
    function = next((outer for outer in around(node) if outer.type in _FUNCTIONS), None)
    return function is not None and is_async(function)


def around(node: Node) -> Iterator[Node]:
    """The ancestors of a node, innermost first."""
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def weights(projects: Iterable[Counts]) -> dict[str, dict[str, float]]:
    """The weight of each name: in each place, and in all of them under ``TOTAL``."""
    exact: dict[tuple[str, str], float] = {}
    for counts in projects:
        totals: Counter[tuple[str, str]] = Counter()
        for (name, _), count in counts.items():
            totals[name, TOTAL] += count
        for key, count in (*counts.items(), *totals.items()):
            exact[key] = exact.get(key, 0.0) + math.log2(1 + count)
    names = sorted({name for name, _ in exact})
    return {name: {p: round(exact[name, p], 1) for p in (TOTAL, *PLACES) if (name, p) in exact} for name in names}


def written(measured: Mapping[str, str], found: Mapping[str, Mapping[str, float]]) -> str:
    """Write one line per symbol, so that a diff shows which symbols changed."""
    head = [f' "measured": {json.dumps(dict(sorted(measured.items())))},', f' "places": {json.dumps(PLACES)},']
    lines = [f"  {json.dumps(name)}: {json.dumps(places)}" for name, places in found.items()]
    return "\n".join(["{", *head, ' "uses": {', ",\n".join(lines), " }", "}"]) + "\n"


if __name__ == "__main__":
    main()
