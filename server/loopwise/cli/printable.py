"""Makes others' text safe to print on a terminal or in a CI log: displayed, never executed."""

from __future__ import annotations

import re

# What moves a terminal's cursor, ends a line, turns the direction of writing around, or is half a character.
_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What GitHub and Azure take for commands: `::` at the start of a line, `##[` and `##vso[` anywhere in it.
_AT_START = re.compile(r"\A(?=\s*::)")
_ANYWHERE = re.compile(r"#(?=#(?:\[|vso\[))")


def printable(line: str) -> str:
    """A line made printable: control characters escaped as in Python, and no CI commands."""
    if line.isascii() and line.isprintable() and "::" not in line and "##" not in line:
        return line
    return _ANYWHERE.sub(r"\\x23", _AT_START.sub("./", _COMMANDS.sub(_escaped, line)))


def say(line: str) -> None:
    """Print a line."""
    print(printable(line))


def _escaped(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
