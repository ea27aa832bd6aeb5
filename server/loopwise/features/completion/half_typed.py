"""Completes the text at the cursor so that it parses: adds a name, closing brackets, a colon and a body.

Half-typed code is the normal case: ``async with asyncio.`` is parsed as ``async with asyncio.name: pass``. Nothing
before the cursor is changed, so offsets up to it are those of the user's text.
"""

from __future__ import annotations

import re

import msgspec

from loopwise.features.completion import brackets
from loopwise.features.completion.lines import indent_of, line_before, line_end, line_start
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, damage, name_at, path_to, span_of
from loopwise.text import Edit, Span

# Valid in an identifier, and unlikely in any user's.
_MARK = b"_lw_"
_IN_WORDS = bytes(byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_"))
_REST = re.compile(rb"[\w\x80-\xff]*")
_TOKEN = brackets.TOKEN
# Statements that need a colon. ``case`` is a keyword only before a pattern.
_HEAD = re.compile(rb"[ \t]*(?:async[ \t]+)?(with|for|while|if|elif|def|class|except|case(?=[ \t]+[^ \t=]))\b")
_QUOTE = re.compile(rb"(?P<format>\b[rR]?[fFtT][rR]?)?[\"'](?P<text>.*)", re.DOTALL)
_NEXT_ITEM = re.compile(rb"\r?\n(?P<indent>[ \t]+)(?P<word>\*{0,2}[A-Za-z_\x80-\xff\"'(\[{][\w\x80-\xff]*)")
# A next line that starts with these continues the expression.
_GOES_ON = frozenset(b"for async if else and or in is not as".split())
_FOLLOWING = re.compile(rb"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*([ \t]*)(?=[^ \t\r\n#])")


class Typed(msgspec.Struct, frozen=True):
    """The name at the cursor, in a file that continues after it."""

    file: File
    node: Node
    """The identifier at the cursor in ``file``."""
    span: Span
    """The part of it in the user's text, to be replaced; like the next two, in the user's offsets."""
    cursor: int
    rest: bytes
    """The text that follows on the line."""

    @property
    def prefix(self) -> bytes:
        """The part of the name before the cursor."""
        return self.file.source.data[self.span.start : self.cursor]


def typed(file: File, offset: int) -> Typed | None:
    """The name at byte offset ``offset``; ``None`` where there cannot be one: in comments, strings and numbers."""
    data = file.source.data
    start = _start(data, offset)
    found = _REST.match(data, offset)
    end = found.end() if found is not None else offset
    if data[start : start + 1].isdigit() or _in_open_string(data, offset):
        return None
    stop = line_end(data, end)
    for variant in _variants(file, start, end, stop):
        node = name_at(variant.root, end)
        if node is not None and node.start_byte == start and node.end_byte == end + len(_MARK):
            return Typed(variant, node, Span(start, end), offset, data[end:stop])
    return None


def _in_open_string(data: bytes, offset: int) -> bool:
    """Does the line leave a string open before ``offset``?  A replacement field of an f-string counts as code."""
    line = line_start(data, offset)
    if any(data.count(quotes, 0, line) % 2 for quotes in (b'"""', b"'''")):
        return False  # the line starts in a string, the tree tells where that ends
    opening = _QUOTE.search(_TOKEN.sub(lambda token: token["sign"] or b"", data[line:offset]))
    return opening is not None and not (opening["format"] and opening["text"].count(b"{") > opening["text"].count(b"}"))


def _start(data: bytes, offset: int) -> int:
    """The start of the word before ``offset``, found by walking back: a search would try each start of each word."""
    line = line_before(data, offset)
    return offset - len(line) + len(line.rstrip(_IN_WORDS))


def _variants(file: File, start: int, end: int, stop: int) -> list[File]:
    """The text with a name at the cursor, in several variants, the most likely one first."""
    data = file.source.data
    mark = _MARK + b"," if _is_followed_by_item(data, start, end, stop) else _MARK
    tail = _tail(data, line_start(data, start), end, stop)
    going_on = file.typed(Edit(Span(end, stop), mark + data[end:stop] + tail)) if tail else None
    if going_on is not None and _is_whole(going_on, end):
        return [going_on]
    plain = file.typed(Edit(Span(end, end), mark))
    if going_on is None or _is_whole(plain, end):
        return [plain]
    worse = damage(going_on.tree, going_on.source.data) > damage(plain.tree, plain.source.data)
    return [plain, going_on] if worse else [going_on, plain]


def _is_followed_by_item(data: bytes, start: int, end: int, stop: int) -> bool:
    """Does the next line hold the next item of the brackets around the cursor, without a comma before it yet?"""
    following = _NEXT_ITEM.match(data, stop) if not data[end:stop].strip() else None
    if following is None or following["word"] in _GOES_ON:
        return False
    line = line_start(data, start)
    return len(following["indent"]) == indent_of(data, line) and bool(
        brackets.opened(data[brackets.statement_start(data, line) : start])
    )


def _tail(data: bytes, start: int, end: int, stop: int) -> bytes:
    """The text missing at the line's end: closing brackets; a colon, and a body if none is below."""
    line = data[start:end] + _MARK + data[end:stop]
    if any(token["comment"] for token in _TOKEN.finditer(line)):
        return b""
    first = brackets.statement_start(data, start)
    opened = brackets.opened(data[first:end])
    missing = max(len(opened) - brackets.closed(data, end, indent_of(data, first)), 0)
    closers = b"".join(brackets.CLOSERS[sign] for sign in reversed(opened[len(opened) - missing :]))
    if missing < len(opened) or _HEAD.match(data, first) is None or brackets.has_colon(data[first:stop]):
        return closers
    following = _FOLLOWING.match(data, min(stop + 1, len(data)))
    has_body = following is not None and len(following[1]) > indent_of(data, first)
    return closers + (b":" if has_body else b": pass")


def _is_whole(file: File, offset: int) -> bool:
    """Is the statement around the cursor free of errors?"""
    if not file.root.has_error:
        return True
    node = name_at(file.root, offset)
    path = path_to(file.root, span_of(node)) if node is not None else ()
    return bool(path) and not any(part.is_error for part in path) and not _statement(path).has_error


def _statement(path: tuple[Node, ...]) -> Node:
    """The innermost simple statement or block head at the end of ``path``, else its last node."""
    for node in reversed(path):
        if node.type.endswith("_statement") or node.type in {"with_clause", "except_clause", "decorator", "parameters"}:
            return node
    return path[-1]
