"""Reports and removes comments that suppress nothing."""

from __future__ import annotations

from loopwise.analysis.rule import Finding, Fix
from loopwise.diagnosis.suppression.directives import Directive, Word
from loopwise.semantics.bindings import File
from loopwise.text import Edit, Span

_SPACE = b" \t\f"


def unused_comment(file: File, directive: Directive) -> Finding:
    """A comment that applies to every rule and suppresses nothing."""
    fix = Fix("Remove the comment", (without(file, directive),))
    return Finding(directive.span, "Comment suppresses nothing", lambda: (fix,), unnecessary=True)


def unused_word(file: File, directive: Directive, word: Word, message: str) -> Finding:
    """A code or a name in a comment that suppresses nothing."""
    last = len(directive.words) == 1
    edit = without(file, directive) if last else _without_word(directive, word)
    fix = Fix("Remove the comment" if last else f"Remove '{word.text}' from the comment", (edit,))
    return Finding(word.span, message, lambda: (fix,), unnecessary=True)


def without(file: File, directive: Directive) -> Edit:
    """Remove a directive: the rest of its comment stays; a line with nothing else on it is deleted."""
    data, source = file.source.data, file.source
    number = source.line_at(directive.span.start)
    line = source.line_span(number)
    before, after = data[line.start : directive.span.start], data[directive.span.end : line.end]
    if after.strip():
        gap = len(after) - len(after.lstrip(_SPACE))
        keeps_mark = not after.lstrip(_SPACE).startswith(b"#")
        return Edit(Span(directive.span.start, directive.span.end + gap), b"# " if keeps_mark else b"")
    if before.strip():
        return Edit(Span(line.start + len(before.rstrip(_SPACE)), line.end), b"")
    following = source.starts[number + 1] if number + 1 < len(source.starts) else line.end
    return Edit(Span(line.start, following), b"")


def _without_word(directive: Directive, word: Word) -> Edit:
    index = directive.words.index(word)
    if index == 0:
        return Edit(Span(word.span.start, directive.words[1].span.start), b"")
    return Edit(Span(directive.words[index - 1].span.end, word.span.end), b"")
