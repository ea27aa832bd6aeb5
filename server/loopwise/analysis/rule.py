"""The shape of a rule, and of its findings."""

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
    """The severity of a finding: its certainty and its impact."""

    ERROR = "error"
    """The code fails at run time."""
    WARNING = "warning"
    """The code is probably a bug."""
    INFORMATION = "information"
    """The code is probably not what was meant."""
    HINT = "hint"
    """The code could be better."""


class Evidence(IntEnum):
    """The degree of certainty that code is what a rule takes it for."""

    NONE = 0
    """Unknown, or the code involved is not understood: nothing is reported."""
    LIKELY = 1
    """An annotation, a stub or a name indicates it: a warning at most, and no fix is safe."""
    CERTAIN = 2
    """It follows from code that was seen completely."""


class Fix(msgspec.Struct, frozen=True):
    """One way to fix a finding."""

    title: str
    """The menu's title, in the imperative: ``Await the call``."""
    edits: tuple[Edit, ...]
    """Edits of the file as it is, which do not overlap."""
    safe: bool = True
    """Does it preserve the intended behavior in every context?  Only safe fixes are applied without review."""
    holes: tuple[str, ...] = ()
    """Words in the inserted text that the user will want to change: a task's name, a number of seconds."""
    refused: str = ""
    """The reason, as a sentence for the user, why it cannot be applied here; there are no edits then."""


class Related(msgspec.Struct, frozen=True):
    """A second place that explains a finding."""

    span: Span
    message: str
    file: File | None = None
    """The file of the place; ``None`` if it is that of the finding."""


def no_fixes() -> tuple[Fix, ...]:
    """The default of ``Finding.fixes``: none."""
    return ()


class Cause(msgspec.Struct, frozen=True):
    """A cause that findings of one rule can have in common."""

    key: tuple[str, ...]
    """Equal for all findings with the same cause: a helper, a lock."""
    function: int
    """Byte offset at which the function that contains the finding starts."""
    is_minor: bool = False
    """Is it so minor that one finding is enough where there are two?"""


class Finding(msgspec.Struct, frozen=True):
    """One match of a rule; spans are byte offsets in the file."""

    span: Span
    message: str
    """One sentence that says what happens, not the name of the rule."""
    fixes: Callable[[], tuple[Fix, ...]] = no_fixes
    """Computed on request, the best first."""
    related: tuple[Related, ...] = ()
    evidence: Evidence = Evidence.CERTAIN
    """If less than certain, an error becomes a warning, and no fix is safe."""
    severity: Severity | None = None
    """The severity, if lower than the rule's."""
    cause: Cause | None = None
    """Findings in many functions with the same cause are shown as one."""
    unnecessary: bool = False
    deprecated: bool = False


class Example(msgspec.Struct, frozen=True):
    """Code that demonstrates a rule.  In ``bad``, a comment line of carets is below each finding.

    ``fixed`` is the result of each fix of ``bad``, in order (only if there is one finding); no rule reports anything in
    ``good``.
    """

    bad: str = ""
    fixed: tuple[str, ...] = ()
    good: str = ""
    files: Mapping[str, str] = {}
    """Other modules of the project, by name."""
    target: str = ""
    """The target Pythons: ``3.10``, ``3.11-3.14``; if empty, the newest."""


class Rule(msgspec.Struct, frozen=True):
    """One rule; its diagnostic, fixes, page, settings and tests are all generated from it."""

    code: str
    """``LW201``."""
    name: str
    """``blocking-sleep``."""
    severity: Severity
    nodes: tuple[str, ...]
    """The types of the syntax nodes that are passed to ``check``."""
    check: Callable[[Node, Unit], Iterator[Finding]]
    triggers: frozenset[str]
    """Words, one of which (or an alias of one, see :mod:`~loopwise.analysis.prefilter`) must occur in code for the rule
    to report anything there; ``COROUTINE`` means the name of any coroutine function.  Keywords count."""
    title: str
    """A one-line description of the problem."""
    text: str
    """The reasons, the exceptions and the remedy: Markdown."""
    examples: tuple[Example, ...]
    default_on: bool = True
    """Is it enabled by default?"""
    peers: tuple[str, ...] = ()
    """Equivalent rules of other tools."""
    cards: tuple[str, ...] = ()
    """The cards related to it."""
    whole_file: bool = False
    """Does it examine the whole file, so that it runs only when typing pauses?"""


class PageText(TypedDict):
    """The texts in a rule's module docstring."""

    title: str
    text: str


def page(docstring: str | None) -> PageText:
    """Split a rule's module docstring into its title, the first line, and its text, the rest."""
    first, _, rest = (docstring or "").partition("\n")
    return PageText(title=first.strip(), text=rest.strip())
