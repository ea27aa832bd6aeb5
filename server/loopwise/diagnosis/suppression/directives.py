"""Parses suppression comments: our own, and those of other linters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import msgspec

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.suppression.names import PYLINT_CODES, RUFF_CODES
from loopwise.rules.registry import all_rules
from loopwise.semantics.bindings import File
from loopwise.syntax import is_comment
from loopwise.text import Span, decode

_DIRECTIVE = re.compile(
    rb"#[ \t]*(?:"
    rb"(?P<file>flake8|ruff)[ \t]*[:=][ \t]*noqa(?:[ \t]*:[ \t]*(?P<filecodes>[^#\r\n]*)|[ \t]*(?=$|[\r\n#]))"
    rb"|(?P<noqa>noqa)(?!\w)(?:[ \t]*:[ \t]*(?P<codes>[^#\r\n]*))?"
    rb"|loopwise[ \t]*:[ \t]*(?P<ours>ignore(?:-file)?)(?![\w-])(?:[ \t]*\[(?P<names>[^\]#\r\n]*)\]|(?![ \t]*\[))"
    rb"|ruff[ \t]*:[ \t]*(?P<ruff>ignore|file-ignore|disable|enable)[ \t]*\[(?P<ruffcodes>[^\]#\r\n]*)\]"
    rb"|(?:type|mypy|pyright|basedpyright|ty|pyrefly)[ \t]*:[ \t]*ignore[ \t]*\[(?P<types>[^\]#\r\n]*)\]"
    rb"|(?:pyright|basedpyright)[ \t]*:[ \t]*(?P<level>\w+)[ \t]*=[ \t]*(?:false|none)\b"
    rb"|pylint[ \t]*:[ \t]*(?P<pylint>disable-next|disable|enable)[ \t]*=[ \t]*(?P<messages>[^#\r\n]*)"
    rb"|(?P<sonar>nosonar)(?!\w)"
    rb")",
    re.IGNORECASE,
)
# `noqa: LW201, LW110 because ...`: codes, or names of ours, up to the first word that is neither.
_CODE = re.compile(rb"[A-Za-z]+[0-9]+(?!\w)|[A-Z]{2,}(?!\w)|[A-Za-z]+(?:-[A-Za-z]+)+")
_BETWEEN = re.compile(rb"[\s,]*")
_WORD = re.compile(rb"[^\s,]+")
_OURS = re.compile(r"LW\d*\Z", re.IGNORECASE)
_FULL = re.compile(r"[A-Z]+\d{3,}|LW\d*|[a-z]+(?:-[a-z]+)+")  # ruff takes no starts of codes in brackets
_LINTER = re.compile(r"[A-Z]+\d+\Z")
_PYLINT = re.compile(r"[CEFIRW]\d{4}\Z")
# Sonar's rule keys; bandit's codes have the same letter, but three digits.
_SONAR = re.compile(r"S\d{4}\Z")


class Kind(Enum):
    """The tool whose syntax a comment uses."""

    OURS = "loopwise"
    NOQA = "noqa"
    TYPES = "type checkers"
    PYLINT = "pylint"
    SONAR = "sonar"


class Reach(Enum):
    """The lines to which a comment applies."""

    LINE = "its own"
    NEXT_LINE = "the next"
    NEXT_STATEMENT = "those of the next statement, or of its head"
    BLOCK = "from its own to the end of its block, or to where it is taken back"
    FILE = "all"
    TAKES_BACK = "none: it ends a block's"


class Word(msgspec.Struct, frozen=True):
    """A code or name in a comment; the span is in bytes of the file."""

    text: str
    span: Span


class Directive(msgspec.Struct, frozen=True):
    """One suppression in a comment."""

    kind: Kind
    span: Span
    words: tuple[Word, ...]
    bare: bool
    """Does it apply to every rule?"""
    reach: Reach = Reach.LINE

    @property
    def whole(self) -> bool:
        """Does it apply to the whole file?"""
        return self.reach is Reach.FILE

    def silences(self, rule: Rule) -> bool:
        if self.kind is Kind.SONAR:
            return means(self.kind, "", rule)
        return self.bare or any(means(self.kind, word.text, rule) for word in self.words)


def means(kind: Kind, word: str, rule: Rule) -> bool:
    """Does a word in a comment name a rule, or its equivalent in another tool?"""
    match kind:
        case Kind.OURS:
            return _is_ours(word, rule)
        case Kind.NOQA:
            code = RUFF_CODES.get(word, word.upper())
            return _is_ours(word, rule) or any(_starts(peer, code) for peer in rule.peers)
        case Kind.TYPES:
            return word in rule.peers
        case Kind.PYLINT:
            code = PYLINT_CODES.get(word.lower(), word.upper())
            if code in {"ALL", "E", "W"}:
                return any(_PYLINT.match(peer) and (code == "ALL" or peer.startswith(code)) for peer in rule.peers)
            return code in rule.peers or f"PL{code}" in rule.peers or word in rule.peers
        case Kind.SONAR:
            return any(_SONAR.match(peer) for peer in rule.peers)


def is_own(directive: Directive, word: str) -> bool:
    """Is it a word that only Loopwise understands?"""
    if directive.kind is Kind.NOQA:
        return bool(_OURS.match(word)) or word.lower() in all_rules()
    return directive.kind is Kind.OURS


def directives(file: File, start: int, end: int) -> Iterator[Directive]:
    """The directives in comments between two offsets; text in strings is not a comment."""
    data = file.source.data
    for found in _DIRECTIVE.finditer(data, start, end):
        at = found.start()
        if is_comment(file.root, at):
            own_line = not data[file.source.starts[file.source.line_at(at)] : at].strip()
            directive = _read(data, found, own_line=own_line)
            if directive is not None:
                yield directive


def _read(data: bytes, found: re.Match[bytes], *, own_line: bool) -> Directive | None:
    at, end = found.span()
    if found["noqa"] or found["file"]:
        return _noqa(data, found, own_line=own_line)
    if found["ours"]:
        words = _words(data, found.span("names"))
        reach = Reach.FILE if found["ours"].lower().endswith(b"-file") else Reach.LINE
        return Directive(Kind.OURS, Span(at, end), words, found["names"] is None, reach)
    if found["ruff"]:
        # Other words mean nothing to ruff.
        words = tuple(word for word in _words(data, found.span("ruffcodes")) if _FULL.fullmatch(word.text))
        return Directive(Kind.NOQA, Span(at, end), words, bare=False, reach=_ruffs(found["ruff"], own_line=own_line))
    if found["sonar"]:
        return Directive(Kind.SONAR, Span(at, end), (), bare=False)
    if found["level"]:
        return Directive(Kind.TYPES, Span(at, end), _words(data, found.span("level")), bare=False, reach=Reach.FILE)
    if found["pylint"]:
        words = _words(data, found.span("messages"))
        reach = _pylints(found["pylint"], own_line=own_line)
        return Directive(Kind.PYLINT, Span(at, end), words, bare=False, reach=reach)
    return Directive(Kind.TYPES, Span(at, end), _words(data, found.span("types")), bare=False)


def _ruffs(word: bytes, *, own_line: bool) -> Reach:
    """The reach of one of ruff's comments; one that opens or closes a range must be on a line of its own."""
    match word.lower():
        case b"file-ignore":
            return Reach.FILE
        case b"ignore":
            return Reach.NEXT_STATEMENT if own_line else Reach.LINE
        case b"disable" if own_line:
            return Reach.BLOCK
    return Reach.TAKES_BACK


def _pylints(word: bytes, *, own_line: bool) -> Reach:
    match word.lower():
        case b"disable-next":
            return Reach.NEXT_LINE
        case b"enable":
            return Reach.TAKES_BACK
    return Reach.BLOCK if own_line else Reach.LINE


def _noqa(data: bytes, found: re.Match[bytes], *, own_line: bool) -> Directive | None:
    """``noqa`` with codes, or bare; as in flake8, anything after the colon that is not a code makes it bare."""
    whole = bool(found["file"])
    group = "filecodes" if whole else "codes"
    if whole and not own_line:
        return None
    if found[group] is None:
        return Directive(Kind.NOQA, Span(*found.span()), (), bare=True, reach=Reach.FILE if whole else Reach.LINE)
    words = _codes(data, *found.span(group))
    if not words:
        head = Span(found.start(), data.index(b":", found.start("noqa") if not whole else found.start("file")))
        return Directive(Kind.NOQA, head, (), bare=True) if not whole else None
    reach = Reach.FILE if whole else Reach.LINE
    return Directive(Kind.NOQA, Span(found.start(), words[-1].span.end), words, bare=False, reach=reach)


def _codes(data: bytes, start: int, end: int) -> tuple[Word, ...]:
    words: list[Word] = []
    while (found := _CODE.match(data, start, end)) is not None:
        words.append(Word(decode(found[0]), Span(*found.span())))
        between = _BETWEEN.match(data, found.end(), end)
        start = between.end() if between is not None else end
    return tuple(words)


def _words(data: bytes, span: tuple[int, int]) -> tuple[Word, ...]:
    if span[0] < 0:
        return ()
    return tuple(Word(decode(found[0]), Span(*found.span())) for found in _WORD.finditer(data, *span))


def _is_ours(word: str, rule: Rule) -> bool:
    return word.lower() == rule.name or (bool(_OURS.match(word)) and rule.code.startswith(word.upper()))


def _starts(peer: str, word: str) -> bool:
    """Does a code, or a prefix, name a peer's rule?  Sonar's codes look like bandit's, so only a full one does."""
    return peer == word or (bool(_LINTER.match(peer)) and not _SONAR.match(peer) and peer.startswith(word))
