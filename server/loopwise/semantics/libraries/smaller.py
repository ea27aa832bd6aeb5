"""Shrinks shipped stubs to the minimum that still tells what is awaited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from loopwise.semantics.libraries.stubs import stub_of
from loopwise.syntax import Node
from loopwise.text import encode

_HEAD = re.compile(r"^(\s*(?:async )?def \w+)\(.*\)((?: -> .*)?:)$")
_SENTENCE = 100  # characters of a docstring
_MANY = 240  # characters of a function's head
_PLAIN = re.compile(r"^(\s*def \w+)\(.*\)( -> (?:None|bool|int|str|bytes|float|Any|NoReturn):)$")
_PRIVATE = re.compile(r"\s*(?:async )?def (_(?!_)\w*)")


def public_stub_of(root: Node) -> bytes:
    """A smaller stub: without docstrings of what is not awaited, and without parameters if the result says enough.

    Private functions that nothing else in the stub refers to are left out.
    """
    written = stub_of(root).decode().split("\n")
    lines = [line if _is_overload(above) else _with_less(line) for above, line in pairwise(["", *written])]
    text = "\n".join(_filled(_without_private(_without_docs(lines))))
    return encode(text + "\n")


def _is_overload(line: str) -> bool:
    return line.strip().rpartition(".")[2].lstrip("@") == "overload"


def _with_less(line: str) -> str:
    """A line without the parameters of a function that has a plain result, or very many parameters."""
    return (_HEAD if len(line) > _MANY else _PLAIN).sub(r"\1(*_, **__)\2", line)


def _without_docs(lines: Iterable[str]) -> Iterator[str]:
    """The lines without docstrings, except those directly below an ``async def``."""
    awaited = False
    for line in lines:
        if line.lstrip().startswith('"""'):
            yield _first_sentence(line) if awaited else f"{_indent_of(line)}..."
        else:
            yield line
        awaited = line.lstrip().startswith("async def")


def _first_sentence(line: str) -> str:
    """A docstring's line, cut after its first sentence."""
    text = line.strip().removeprefix('"""').removesuffix('"""')
    sentence = text.partition(". ")[0][:_SENTENCE].rstrip("\\")
    return f'{_indent_of(line)}"""{sentence}"""'


def _without_private(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the private functions that no other line refers to."""
    kept = list(lines)
    words: dict[str, int] = {}
    for word in re.findall(r"[^\W\d]\w*", "\n".join(kept)):
        words[word] = words.get(word, 0) + 1
    deep: int | None = None
    decorators: list[str] = []
    for line in kept:
        indent = len(_indent_of(line))
        if deep is not None and (indent > deep or not line.strip()):
            continue
        deep = None
        if line.lstrip().startswith("@"):
            decorators.append(line)
            continue
        head = _PRIVATE.match(line)
        if head is not None and words[head[1]] == 1:
            deep = indent
        else:
            yield from (*decorators, line)
        decorators = []


def _filled(lines: Iterable[str]) -> Iterator[str]:
    """The lines with ``...`` for blocks that are now empty."""
    opened: str | None = None
    for line in [*lines, ""]:
        if opened is not None and len(_indent_of(line)) <= len(_indent_of(opened)):
            yield f"{_indent_of(opened)} ..."
        opened = line if line.endswith(":") else None
        if line:
            yield line


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
