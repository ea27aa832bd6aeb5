"""Finds the call around the cursor in the text, because a parser does not recognize half-typed calls.

Only the part of the statement before the cursor is read, token by token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from keyword import iskeyword

import msgspec

from loopwise.features.completion import line_start
from loopwise.semantics.bindings import File
from loopwise.syntax import SMALL, Node, path_to
from loopwise.text import Span, decode

_TOKEN = re.compile(
    rb"(?P<line>\r\n?|\n)|(?P<space>(?:[ \t\f]|\\(?:\r\n?|\n))+)|(?P<comment>\#[^\r\n]*)"
    rb"|(?P<string>[rRbBuUfFtT]{0,2}(?:\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)"
    rb"|\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?))"
    rb"|(?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*)|(?P<number>\d[\w.]*)"
    rb"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<sign>==|:=|\*\*|<=|>=|!=|->|.)",
    re.DOTALL,
)
_REST_OF_WORD = re.compile(rb"([\w\x80-\xff]*)([ \t]*=(?!=))?")
_BRACE = re.compile(rb"\{\{|\}\}|[{}]")
_FIRST = re.compile(rb"([ \t]*)(async[ \t]+(?:def|with)\b|[A-Za-z_\x80-\xff][\w\x80-\xff]*|[^\s#])")
_DEF = re.compile(rb"^[ \t]*(?:async[ \t]+def|def|class)\b", re.MULTILINE)
# A line that starts with one of these is a statement, whatever is still open above it.
_STATEMENTS = frozenset(
    b"def class import return with try while raise pass break continue global nonlocal del assert elif except finally"
    b" @".split()
)
# A line that starts with these is still inside the brackets, however it is indented.
_GOES_ON = frozenset((b")", b"]", b"}", b"'", b'"'))


class Argument(msgspec.Struct, frozen=True):
    """An argument: ``positional``, ``keyword``, ``*`` or ``**``."""

    kind: str
    name: str = ""
    """The keyword; for a positional argument at the cursor that is a single word, that word."""


class Call(msgspec.Struct, frozen=True):
    """A call around the cursor; offsets are bytes."""

    callee: int
    """Byte offset of the end of the callee."""
    opener: int
    """Byte offset of the opening parenthesis."""
    arguments: tuple[Argument, ...]
    """The arguments up to the cursor; the last one is at the cursor, and positional if nothing is typed yet."""


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: bytes
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class _Bracket:
    """An open bracket with the tokens in it so far."""

    token: _Token
    callee: _Token | None
    done: list[Argument] = field(default_factory=list)
    current: list[_Token] = field(default_factory=list)
    lambdas: int = 0
    in_targets: bool = False

    def add(self, token: _Token) -> None:
        """Add a token; commas between a lambda's parameters or a ``for``'s targets do not separate arguments."""
        if token.text == b"," and not self.lambdas and not self.in_targets:
            self.done.append(_argument(self.current))
            self.current = []
            return
        self.lambdas += (token.text == b"lambda") - (token.text == b":" and self.lambdas > 0)
        if token.text in {b"for", b"in"}:
            self.in_targets = token.text == b"for"
        self.current.append(token)


def call_at(file: File, offset: int) -> Call | None:
    """The innermost call whose parentheses contain byte offset ``offset``; ``None`` outside calls and in comments."""
    for start, whole in _starts(file, offset):
        found = _reading(file.source.data, start, offset, whole=whole)
        if found is not None:
            return found
    return None


def is_damaged(file: File) -> bool:
    """Does the tree have errors, or was the text repaired before it was parsed?"""
    root, data = file.root, file.source.data
    return root.has_error or (len(data) <= SMALL and root.text != data[root.start_byte : root.end_byte])


def _starts(file: File, offset: int) -> Iterator[tuple[int, bool]]:
    """Candidate offsets to read from, each with a flag: are brackets there certain to be closed?"""
    path = path_to(file.root, Span(max(offset - 1, 0), max(offset - 1, 0)))
    yield from ((node.start_byte + 1, True) for node in reversed(path) if node.type == "interpolation")
    if not is_damaged(file):
        statement = _statement(path)
        if statement is not None:
            yield statement.start_byte, True
        return
    heads = [found.start() for found in _DEF.finditer(file.source.data, 0, offset)]
    yield next((at for at in reversed(heads) if not _in_string(file.root, at)), 0), False


def _statement(path: tuple[Node, ...]) -> Node | None:
    pairs = list(zip(path, path[1:], strict=False))
    return next((inner for outer, inner in reversed(pairs) if outer.type in {"block", "module"}), None)


def _in_string(root: Node, offset: int) -> bool:
    leaf = root.descendant_for_byte_range(offset, offset)
    return leaf is not None and leaf.type.startswith("string")


def _reading(data: bytes, start: int, offset: int, *, whole: bool) -> Call | None:
    stack: list[_Bracket] = []
    before: list[_Token] = []  # the last two on this logical line
    indent = _width(data, start)
    token = None
    for token in _tokens(data, start, offset):
        if token.kind == "comment":
            if token.end == offset:
                return None
        elif token.kind == "line":
            first = _FIRST.match(data, token.end, offset)
            if first is not None and (not stack or (not whole and _is_statement(first, indent))):
                stack, before, indent = [], [], len(first[1])
        else:
            if token.kind == "open":
                stack.append(_Bracket(token, _callee(before) if token.text == b"(" else None))
            elif token.kind == "close" and stack:
                stack.pop()
            if stack and token.kind != "open":
                stack[-1].add(token)
            before = [*before[-1:], token]
    inside = _field_start(token) if token is not None and token.end == offset else None
    found = _reading(data, inside, offset, whole=True) if inside is not None else None
    return found if found is not None else _innermost(data, offset, stack)


def _innermost(data: bytes, offset: int, stack: list[_Bracket]) -> Call | None:
    called = next((bracket for bracket in reversed(stack) if bracket.callee is not None), None)
    if called is None or called.callee is None:
        return None
    current = called.current if called is stack[-1] else [*called.current, stack[-1].token]
    arguments = (*called.done, _at_cursor(data, offset, current))
    return Call(called.callee.end, called.token.start, arguments)


def _field_start(token: _Token) -> int | None:
    """Offset of the innermost replacement field that an f-string leaves open at its end."""
    if token.kind != "string" or b"f" not in token.text[:2].lower():
        return None
    opened: list[int] = []
    for found in _BRACE.finditer(token.text):
        if found[0] == b"{":
            opened.append(token.start + found.end())
        elif found[0] == b"}" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _tokens(data: bytes, start: int, end: int) -> Iterator[_Token]:
    for found in _TOKEN.finditer(data, start, end):
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found[0], found.start())


def _width(data: bytes, start: int) -> int:
    """The indentation of the line of ``start``, in bytes."""
    first = _FIRST.match(data, line_start(data, start))
    return len(first[1]) if first is not None else 0


def _is_statement(first: re.Match[bytes], indent: int) -> bool:
    """Does a statement start here inside brackets, so that a closing bracket must be missing?"""
    word = first[2]
    if word in _STATEMENTS or len(word.split()) > 1:
        return True  # ``async for`` may begin a line of a comprehension
    return len(first[1]) <= indent and word not in _GOES_ON


def _callee(before: list[_Token]) -> _Token | None:
    """The last token of the callee of an opening parenthesis, given the one or two tokens before it; else ``None``."""
    if not before:
        return None
    last, word = before[-1], before[-1].kind == "word"
    if word and len(before) > 1 and before[-2].text in {b"def", b"class"}:
        return None
    callable_ = (word and not iskeyword(decode(last.text))) or last.text in {b")", b"]"}
    return last if callable_ else None


def _argument(tokens: list[_Token]) -> Argument:
    if not tokens:
        return Argument("positional")
    first = tokens[0]
    if first.text in {b"*", b"**"}:
        return Argument(first.text.decode())
    if first.kind == "word" and len(tokens) > 1 and tokens[1].text == b"=":
        return Argument("keyword", decode(first.text))
    return Argument("positional")


def _at_cursor(data: bytes, offset: int, tokens: list[_Token]) -> Argument:
    """The argument at the cursor, including the rest of a word that the cursor is in."""
    word = tokens[0] if len(tokens) == 1 and tokens[0].kind == "word" and tokens[0].end == offset else None
    rest = _REST_OF_WORD.match(data, offset)
    if (tokens and word is None) or rest is None:
        return _argument(tokens)
    typed = word.text if word is not None else b""
    if rest[2] and typed + rest[1]:
        return Argument("keyword", decode(typed + rest[1]))
    return Argument("positional", decode(typed))
