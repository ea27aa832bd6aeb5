"""The syntax of LSP snippets: their tab stops, the code they expand to, and escaping.

A stop is ``$1``, ``${1}``, ``${1:default}`` (stops may be in the default) or ``${1|one,other|}``; ``$0`` comes last. A
backslash escapes ``$``, ``}`` and itself, in a choice also ``,`` and ``|``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r"""
      \\ (?P<quoted> [$}\\] )
    | \$ (?P<bare> [0-9]+ )
    | \$\{ (?P<braced> [0-9]+ ) \}
    | \$\{ (?P<choice> [0-9]+ ) \| (?P<first> (?: \\. | [^\\,|] )* ) (?: , (?: \\. | [^\\|] )* )? \|\}
    | \$\{ (?P<opened> [0-9]+ ) :
    | [^\\$}]+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
# LSP's grammar: inside a choice, comma and bar are escaped as well.
_QUOTED_IN_CHOICE = re.compile(r"\\([$}\\,|])")
_SPECIAL = re.compile(r"[\\$}]")


def plain(body: str) -> str:
    """The code of a snippet that is accepted without typing anything: ``f(${1:x}, $1)$0`` -> ``f(x, x)``.

    A choice yields its first text; a stop without a default yields that of the first stop with its number, if any.
    """
    return _filled(body, defaults(body))[0]


def defaults(body: str) -> Mapping[str, str]:
    """The default text of each tab stop, by number; stops without a default are left out."""
    return _filled(body, {})[1]


def escaped(text: str) -> str:
    r"""Escape ``text`` so that a snippet inserts it literally: ``{a: "$"}`` -> ``{a: "\$"\}``."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def fault(body: str) -> str | None:
    """An error message about the body's tab stops, with the remedy; None if they are valid."""
    depth = 0
    for token in _TOKEN.finditer(body):
        if token[0] == "$":
            found = body[token.start() :].split(maxsplit=1)[0][:12]
            stops = "`$1`, `${1:text}` or `${1|one,other|}`"
            return f"`{found}` is not a tab stop: write {stops}, and `\\$` for a dollar sign"
        if token[0] == "\\":
            return "a single backslash: write `\\\\`"
        depth += 1 if token["opened"] else -1 if token[0] == "}" and depth else 0
    return "a tab stop is not closed: write `}` after its text" if depth else None


def _filled(body: str, known: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Expand a body; return the code and the defaults met on the way. ``known`` are defaults from later in the text."""
    found: dict[str, str] = {}
    open_stops: list[tuple[str, list[str]]] = [("", [])]
    for token in _TOKEN.finditer(body):
        parts = open_stops[-1][1]
        if number := token["bare"] or token["braced"]:
            parts.append(found.get(number, known.get(number, "")))
        elif number := token["choice"]:
            parts.append(found.setdefault(number, _QUOTED_IN_CHOICE.sub(r"\1", token["first"])))
        elif number := token["opened"]:
            open_stops.append((number, []))
        elif token[0] == "}" and len(open_stops) > 1:
            _close(open_stops, found)
        else:
            parts.append(token["quoted"] or token[0])
    while len(open_stops) > 1:
        _close(open_stops, found)
    return "".join(open_stops[0][1]), found


def _close(open_stops: list[tuple[str, list[str]]], found: dict[str, str]) -> None:
    number, parts = open_stops.pop()
    open_stops[-1][1].append(found.setdefault(number, "".join(parts)))
