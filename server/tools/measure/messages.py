"""Compare the messages that asyncio's own sources can print with the cards of ``knowledge/messages.md``.

    python messages.py LIB/ASYNCIO ...

Each folder is read, not imported. One line is printed for each message that no card answers: the module, the message
with ``…`` for what varies, and the nearest card. The exit code is 1 if there is one.
``tests/knowledge/unanswered.toml`` lists the messages that users never see, with the reason.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

WILD = "…"
_LOGS = frozenset({"critical", "debug", "error", "exception", "info", "warning"})
_REPORTS = frozenset({"_fatal_error", "_force_close_with"})
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0-9.]*[a-zA-Z]")
_BRACES = re.compile(r"\{[^{}]*\}")
_SAID = re.compile(r"[A-Za-z]{2,}")
_FEWEST_WORDS = 2


class Message(msgspec.Struct, frozen=True, order=True):
    """A message as in the sources, with ``…`` for its variable parts."""

    module: str
    text: str


def messages(folder: Path) -> list[Message]:
    """The messages that a package's modules raise, warn and log; sorted, without duplicates."""
    found = set()
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in _said(tree):
            text = re.sub(rf"(?:{WILD}\s*)+$", WILD, " ".join(template(node).split()))
            if len(_SAID.findall(text)) >= _FEWEST_WORDS:
                found.add(Message(path.stem, text))
    return sorted(found)


def template(node: ast.expr) -> str:
    """The text of a string expression, with ``…`` for its placeholders; empty if it is not a string."""
    match node:
        case ast.Constant(value=str(text)):
            return _PERCENT.sub(WILD, text)
        case ast.JoinedStr(values=values):
            return "".join(template(value) for value in values)
        case ast.FormattedValue():
            return WILD
        case ast.BinOp(left=left, op=ast.Mod()):
            return template(left)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return template(left) + template(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _BRACES.sub(WILD, template(value))
        case _:
            return ""


def _said(tree: ast.Module) -> Iterator[ast.expr]:
    """The expressions that are messages: of exceptions, warnings, log records and reports to the loop."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(args=[first, *rest])):
                yield first
                yield from rest[:1]
            case ast.Call(func=ast.Attribute(attr="set_exception"), args=[ast.Call(args=[first, *_])]):
                yield first
            case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=name), args=[first, *_]) if (
                name in _LOGS
            ):
                yield first
            case ast.Call(func=ast.Attribute(attr=name), args=[_, first, *_]) if name in _REPORTS:
                yield first
            case ast.Call(func=ast.Name(id="_warn") | ast.Attribute(attr="warn"), args=[first, *_]):
                yield first
            case ast.Dict(keys=keys, values=values):
                yield from (
                    value
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and key.value == "message"
                )
            case ast.Assign(targets=[ast.Name(id="msg" | "message")], value=value):
                yield value
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name.endswith(("Error", "Warning")):
                yield first


def unanswered(folder: Path) -> Iterator[Message]:
    """The messages of a package that no card explains."""
    from loopwise.cards.catalogue import builtin

    for message in messages(folder):
        if not builtin().find_message(message.text.replace(WILD, "x").strip()):
            yield message


def main() -> int:
    """Print the messages that no card explains."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="LIB/ASYNCIO")
    missing = sorted({message for folder in parser.parse_args().folders for message in unanswered(folder)})
    for message in missing:
        print(f"{message.module}: {message.text}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
