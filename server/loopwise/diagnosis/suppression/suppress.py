"""A comment suppresses a finding that no longer exists.

The code or the rule has changed since it was written, and it would hide the next finding on its line.

Only comments for Loopwise are checked: `# loopwise: ignore[…]`, `# loopwise: ignore-file[…]`, and the codes and names
of its rules after `# noqa:`.
A `# noqa` without codes may be meant for another tool, and a comment for a rule that does not run may still be needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.suppression.comments import Comments, lines_of
from loopwise.diagnosis.suppression.directives import Directive, Kind, Reach, Word, is_own, means
from loopwise.diagnosis.suppression.unused import unused_comment, unused_word
from loopwise.rules.registry import all_rules
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, path_to
from loopwise.text import Edit, Span, encode


def suppressed(file: File, found: Sequence[Found], rules: Collection[Rule]) -> Suppressed:
    """Apply a file's comments to findings; ``rules`` are those that ran: only their suppressions can be unused."""
    return Suppressed(file, found, rules)


class Suppressed:
    """The findings of a file that comments do not suppress."""

    def __init__(self, file: File, found: Sequence[Found], rules: Collection[Rule]) -> None:
        self._file = file
        self._comments = Comments(file)
        self._names = frozenset(rule.name for rule in rules)
        self._about = [
            (one, [d for d in self._comments.about(one.finding.span) if d.silences(one.rule)]) for one in found
        ]

    @cached_property
    def found(self) -> tuple[Found, ...]:
        """The findings that no comment suppresses."""
        return tuple(one for one, silencing in self._about if not silencing)

    @cached_property
    def unused(self) -> tuple[Finding, ...]:
        """Our comments, or parts of them, that suppress nothing; computed on demand."""
        found: list[Finding] = []
        for directive in self._comments.ours():
            ends_another = directive.reach is Reach.TAKES_BACK
            if not ends_another and not _is_unsure(self._file, directive) and not self._may_stay(directive):
                silenced = [one.rule for one, silencing in self._about if directive in silencing]
                found += self._unused_in(directive, silenced)
        return tuple(found)

    def _unused_in(self, directive: Directive, silenced: Collection[Rule]) -> Iterator[Finding]:
        if directive.bare:
            if not silenced and self._have_run([rule for rule in all_rules().values() if rule.default_on]):
                yield unused_comment(self._file, directive)
            return
        for word in directive.words:
            if is_own(directive, word.text) and not any(means(directive.kind, word.text, rule) for rule in silenced):
                message = self._complaint(directive.kind, word)
                if message is not None:
                    yield unused_word(self._file, directive, word, message)

    def _complaint(self, kind: Kind, word: Word) -> str | None:
        """The message about a word that suppresses nothing; ``None`` if its rule did not run."""
        meant = [rule for rule in all_rules().values() if means(kind, word.text, rule)]
        if not meant:
            return f"No rule is named '{word.text}'"
        one = meant[0] if len(meant) == 1 else None
        if not self._have_run([one] if one is not None else [rule for rule in meant if rule.default_on]):
            return None
        return f"Rule '{one.name if one is not None else word.text}' reports nothing here"

    def _have_run(self, rules: Collection[Rule]) -> bool:
        return all(rule.name in self._names for rule in rules)

    def _may_stay(self, directive: Directive) -> bool:
        """Does another comment permit unused suppressions here?"""
        here = (*self._comments.of_whole_file(), *self._comments.on_line(self._comments.line_of(directive)))
        return any(each != directive and each.silences(UNUSED) for each in here) or any(
            means(directive.kind, word.text, UNUSED) and len(word.text) > 2 for word in directive.words
        )


def suppression(file: File, span: Span, rule: Rule) -> Fix:
    """A comment that suppresses a rule at a span, merged into an existing one of ours."""
    title = f"Suppress {rule.name} here"
    comments = Comments(file)
    for line in lines_of(file, span):
        for directive in comments.on_line(line):
            if directive.words and any(is_own(directive, word.text) for word in directive.words):
                name = rule.code if directive.kind is Kind.NOQA else rule.name
                at = directive.words[-1].span.end
                return Fix(title, (Edit(Span(at, at), encode(f", {name}")),))
    for line in lines_of(file, span):
        if _takes_comment(file, line):
            text = encode(f"  # loopwise: ignore[{rule.name}]")
            return Fix(title, (Edit(_line_end(file, line), text),))
    return Fix(title, (), refused="A line inside a string cannot have a comment")


def _line_end(file: File, line: int) -> Span:
    """The white space at the end of a line."""
    span = file.source.line_span(line)
    text = file.source.data[span.start : span.end]
    return Span(span.start + len(text.rstrip()), span.end)


def _takes_comment(file: File, line: int) -> bool:
    """Can a comment be added at the end of a line: does neither a string nor a backslash continue it?"""
    end = file.source.line_span(line).end
    if file.source.data[:end].endswith(b"\\"):
        return False
    around = path_to(file.root, Span(max(end - 1, 0), min(end + 1, len(file.source.data))))
    return not any(node.type == "string" and node.start_byte < end < node.end_byte for node in around)


def _is_unsure(file: File, directive: Directive) -> bool:
    """Is a comment in code that cannot be parsed, and so was not checked?"""
    if directive.whole:
        return file.root.has_error
    path = path_to(file.root, directive.span)
    function = next((node for node in path if node.type == "function_definition"), None)
    inner = function or next((n for n in reversed(path) if n.parent and n.parent.type in {"block", "module"}), None)
    return inner is not None and inner.has_error


def _check(node: Node, unit: Unit) -> Iterator[Finding]:
    """Yield nothing: unused comments are only known after everything else has been found."""
    yield from ()


UNUSED = Rule(
    code="LW001",
    name="unused-suppression",
    severity=Severity.HINT,
    nodes=(),
    check=_check,
    triggers=frozenset(),
    **page(__doc__),
    examples=(
        Example(
            bad="""\
import asyncio

async def poll():
    await asyncio.sleep(1)  # loopwise: ignore[blocking-sleep]
#                                              ^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def poll():
    await asyncio.sleep(1)
""",
            ),
        ),
        Example(
            good="""\
import time

async def poll():
    time.sleep(0.01)  # loopwise: ignore[blocking-sleep]
"""
        ),
    ),
)
