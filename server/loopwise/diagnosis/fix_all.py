"""Fix all: the fixes of a whole document, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher

from loopwise.diagnosis.run import Found
from loopwise.diagnosis.together import together
from loopwise.project import Document
from loopwise.text import Edit, Span

_MOST_ROUNDS = 10  # each round fixes what does not overlap; what is left then is fixed in a circle


def fixed(
    document: Document, find: Callable[[Document], Iterable[Found]], *, unsafe: bool = False
) -> tuple[Document, list[Found]]:
    """The document with all fixes made that can be made unseen, and what they mended.

    ``find`` gives the findings of a document.  A round after which the code no longer parses is not made.
    """
    mended: list[Found] = []
    for _ in range(_MOST_ROUNDS):
        found = list(find(document))
        after, now = _round(document, found, unsafe=unsafe)
        if not now:  # what cannot be made with the others may be made without them
            alone = (_round(document, [one], unsafe=unsafe) for one in found)
            after, now = next((made for made in alone if made[1]), (document, []))
        if not now:
            break
        document, mended = after, [*mended, *now]
    return document, mended


def _round(document: Document, found: Iterable[Found], *, unsafe: bool) -> tuple[Document, list[Found]]:
    """The document after one round of fixes, and what they mended; nothing if it would no longer parse."""
    edits, mended = together(found, unsafe=unsafe)
    after = applied(document, edits)
    is_broken = after.tree.root_node.has_error and not document.tree.root_node.has_error
    return (document, []) if is_broken or not edits else (after, mended)


def applied(document: Document, edits: Sequence[Edit]) -> Document:
    """The document after edits that do not overlap, of the text as it is; its version stays."""
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        document = document.edited(document.version, edit)
    return document


def difference(old: bytes, new: bytes) -> list[Edit]:
    """Edits that make one text the other, line by line."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [
        Edit(Span(starts[first], starts[last]), b"".join(after[begin:end]))
        for tag, first, last, begin, end in matcher.get_opcodes()
        if tag != "equal"
    ]
