"""The shape of a rule, and of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, TypedDict

import msgspec

from loopwise.text import Edit, Span

if TYPE_CHECKING:
    from loopwise.analysis.unit import Unit
    from loopwise.semantics.bindings import File
    from loopwise.syntax import Node


class Severity(str, Enum):
    """How sure and how bad."""

    ERROR = "error"
    """It fails at run time."""
    WARNING = "warning"
    """Likely a bug."""
    INFORMATION = "information"
    """Probably not meant."""
    HINT = "hint"
    """There is a better way."""


class Evidence(IntEnum):
    """How sure it is that code is what a rule takes it for."""

    NONE = 0
    """Not known, or the code in between is not understood: nothing is reported."""
    LIKELY = 1
    """An annotation, a stub or a name says so: a warning at most, and no fix is safe."""
    CERTAIN = 2
    """It follows from code that was seen whole."""


class Fix(msgspec.Struct, frozen=True):
    """One way to fix a finding."""

    title: str
    """In the imperative, as a menu shows it: ``Await it``."""
    edits: tuple[Edit, ...]
    """Of the file as it is; they do not overlap."""
    safe: bool = True
    """Does it do what the code was meant to do, whatever is around it?  Only safe ones are applied without review."""
    holes: tuple[str, ...] = ()
    """Words of the inserted text that the user will want to change: a task's name, a number of seconds."""
    refused: str = ""
    """Why it cannot be done here, in a sentence for the user; there are no edits then."""


class Related(msgspec.Struct, frozen=True):
    """A second place that matters."""

    span: Span
    message: str
    file: File | None = None
    """Where it is; ``None``: in the file of the finding."""


def no_fixes() -> tuple[Fix, ...]:
    """What a finding without a fix has."""
    return ()


class Cause(msgspec.Struct, frozen=True):
    """What findings of one rule can have in common."""

    key: tuple[str, ...]
    """The same for all that come of the same thing: a helper, a lock."""
    function: int
    """Where the function starts in which the finding is, a byte offset."""
    is_minor: bool = False
    """Is it hardly worth a word, so that one finding is enough wherever there are two?"""


class Finding(msgspec.Struct, frozen=True):
    """One place where a rule holds; spans are byte offsets in the file."""

    span: Span
    message: str
    """One sentence: what happens, not what the rule is called."""
    fixes: Callable[[], tuple[Fix, ...]] = no_fixes
    """Computed on request, the best first."""
    related: tuple[Related, ...] = ()
    evidence: Evidence = Evidence.CERTAIN
    """With less than certain evidence an error becomes a warning, and no fix is safe."""
    severity: Severity | None = None
    """How bad it is, where that is less than the rule says."""
    cause: Cause | None = None
    """Findings of many functions with one cause are shown as one."""
    unnecessary: bool = False
    deprecated: bool = False


class Example(msgspec.Struct, frozen=True):
    """Code that shows a rule.  In ``bad`` a comment line with carets is below each place that is found.

    ``fixed`` is what each fix makes of ``bad``, in order (only with one finding); ``good`` is code of which the rule,
    and every other one, says nothing.
    """

    bad: str = ""
    fixed: tuple[str, ...] = ()
    good: str = ""
    files: Mapping[str, str] = {}
    """Other modules of the project, by name."""
    target: str = ""
    """The Pythons: ``3.10``, ``3.11-3.14``; empty: the newest."""


class Rule(msgspec.Struct, frozen=True):
    """One rule; from it come the squiggle, the fix, the page, the setting and the tests."""

    code: str
    """``LW201``."""
    name: str
    """``blocking-sleep``."""
    severity: Severity
    nodes: tuple[str, ...]
    """The types of the syntax nodes that ``check`` is asked about."""
    check: Callable[[Node, Unit], Iterator[Finding]]
    triggers: frozenset[str]
    """The rule has nothing to say of code in which none of these words is (or another name for one of them, see
    :mod:`~loopwise.analysis.prefilter`); ``COROUTINE`` is the name of any coroutine function.  Keywords count."""
    title: str
    """What is wrong, in one line."""
    text: str
    """Why, when it is right, what to do: Markdown."""
    examples: tuple[Example, ...]
    default_on: bool = True
    """Without settings?"""
    peers: tuple[str, ...] = ()
    """Rules of other tools that find the same."""
    cards: tuple[str, ...] = ()
    """Cards that it is about."""
    whole_file: bool = False
    """Does it go through the whole file, so that it is asked only when the typing pauses?"""


class PageText(TypedDict):
    """What a rule's module says about it."""

    title: str
    text: str


def page(docstring: str | None) -> PageText:
    """A rule's title and text: the first line of its module's docstring, and the rest of it."""
    first, _, rest = (docstring or "").partition("\n")
    return PageText(title=first.strip(), text=rest.strip())
