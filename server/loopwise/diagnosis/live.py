"""A document's findings between keystrokes: the edited unit is checked at once, everything else when typing pauses.

Spans of kept findings move along with the text.  Half-typed code neither clears nor multiplies findings: those of a
function with a syntax error are kept, except on the lines being typed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

import msgspec

from loopwise.analysis.flow import runs_over
from loopwise.analysis.rule import Related, no_fixes
from loopwise.diagnosis.analyse import Analysis, left_to_others, parted, unused
from loopwise.diagnosis.causes import grouped
from loopwise.diagnosis.run import FileContext, Found, in_nodes, in_unit, outside, steps, units
from loopwise.diagnosis.selection import Selection
from loopwise.diagnosis.suppression import UNUSED, suppressed
from loopwise.memo import Memo
from loopwise.project import View
from loopwise.semantics.index import ProjectNames
from loopwise.syntax import Node, parts_of, path_to
from loopwise.text import Region, Source, Span

_FAR = 2_000  # bytes of blank space that are looked through
_FUNCTIONS = frozenset({"function_definition", "decorated_definition"})


class Checked(msgspec.Struct, frozen=True):
    """The findings of a document; without fixes, which would keep the tree alive."""

    in_units: tuple[Found, ...] = ()
    outside: tuple[Found, ...] = ()
    """Findings in code outside of functions, and about whole classes."""
    aliases: Mapping[str, str] = {}
    coroutines: frozenset[str] | None = None
    overrides: frozenset[str] = frozenset()
    per_pause: Memo = msgspec.field(default_factory=Memo)
    """A cache of rules' results about the whole file; see :meth:`~loopwise.analysis.unit.Unit.per_pause`."""
    typed_at: int | None = None
    """Byte offset of the last edit."""

    def around(self, view: View) -> FileContext:
        """The facts about the whole document, as of the last check."""
        return FileContext(view, self.aliases, self.coroutines, self.overrides, per_pause=self.per_pause)

    def shown(self) -> Analysis:
        """The findings to show, in source order."""
        every = (*self.in_units, *self.outside)
        return parted(grouped(sorted(every, key=lambda one: (one.finding.span.start, one.rule.code))))


def whole(
    view: View, selection: Selection, project_names: ProjectNames | None, before: Checked | None = None
) -> Generator[None, None, Checked]:
    """Check all of a document, one unit per step.

    ``before`` are the known findings, which are kept for functions that now have syntax errors.
    """
    around = FileContext.of(view, project_names)
    yield
    functions = units(view.file.root)
    broken = _half_typed(view, functions, before) if before is not None else []
    # In a half-typed function the findings of the last check are kept, so that they do not flicker.
    found: list[Found] = [one for one in before.in_units if _in_any(one, broken)] if before is not None else []
    chosen = around.rules_for(view.file.source.data, selection.rules)
    yield
    for node in functions:
        for one in steps(around, node, chosen) if node not in broken else ():
            if one is not None:
                found.append(one)
            else:
                yield
    others = list(outside(around, chosen, functions))
    yield
    kept = suppressed(view.file, [*found, *others], selection.rules)
    inside = {id(one.finding) for one in found}
    left = left_to_others(view.file, selection, kept.found)
    return Checked(
        _bare(one for one in left if id(one.finding) in inside),
        _bare([*(one for one in left if id(one.finding) not in inside), *unused(kept, selection)]),
        around.aliases,
        around.coroutines,
        around.overrides,
        around.per_pause,
        before.typed_at if before is not None else None,
    )


def typed(checked: Checked, region: Region, view: View, selection: Selection) -> Checked:
    """After a keystroke, check only the function, or else the statement, that contains the edit."""
    source = view.file.source
    inside, others = _moved(checked.in_units, region), _moved(checked.outside, region)
    around = checked.around(view)
    path = path_to(view.file.root, _focus(source, region))
    function = next((node for node in path if node.type in _FUNCTIONS and _is_unit(node)), None)
    nodes = [function] if function is not None else _simple(path)
    checked = msgspec.structs.replace(checked, typed_at=region.new)
    if not nodes or any(node.has_error for node in nodes) or runs_over(view.file.root, source, region.new):
        lines = _lines(source, region)
        return msgspec.structs.replace(checked, in_units=_without(inside, lines), outside=_without(others, lines))
    span = Span(nodes[0].start_byte, nodes[-1].end_byte)
    if function is not None:
        found = in_unit(around, function, [rule for rule in selection.rules if not rule.whole_file])
        kept = suppressed(view.file, found, selection.rules)
        others_inside = tuple(one for one in inside if one.rule.whole_file or not _touches(one, span))
        left = _bare(left_to_others(view.file, selection, kept.found))
        return msgspec.structs.replace(checked, in_units=(*others_inside, *left), outside=others)
    kept = suppressed(view.file, in_nodes(around, nodes, selection.rules), selection.rules)
    left = _bare(left_to_others(view.file, selection, kept.found))
    return msgspec.structs.replace(checked, in_units=inside, outside=(*_without(others, span), *left))


def at(view: View, selection: Selection, checked: Checked, span: Span) -> tuple[Found, ...]:
    """The findings that touch a span, with their fixes."""
    around = checked.around(view)
    wanted = [one for one in (*checked.in_units, *checked.outside) if _touches(one, span)]
    names = {one.rule.name for one in wanted}
    rules = [rule for rule in selection.rules if rule.name in names]
    found: list[Found] = []
    functions = units(view.file.root) if rules else []
    for node in functions:
        if node.start_byte <= span.end and node.end_byte >= span.start:
            found += in_unit(around, node, rules)
    if any(_touches(one, span) for one in checked.outside) and rules:
        found += outside(around, rules, functions)
    if UNUSED.name in names:
        found += [Found(UNUSED, finding) for finding in suppressed(view.file, found, selection.rules).unused]
    left = {(one.rule.name, one.finding.span): one.left for one in wanted}
    places = ((one, (one.rule.name, one.finding.span)) for one in found)
    return tuple(one._replace(left=left[place]) for one, place in places if place in left)


def near(view: View, selection: Selection, checked: Checked, spans: Sequence[Span]) -> list[Found]:
    """The findings in the functions that touch one of the spans, by rules that examine single functions."""
    around = checked.around(view)
    rules = [rule for rule in selection.rules if not rule.whole_file]
    touched = (
        node
        for node in units(view.file.root)
        if any(node.start_byte <= span.end and span.start <= node.end_byte for span in spans)
    )
    return [one for node in touched for one in in_unit(around, node, rules)]


def _is_unit(node: Node) -> bool:
    """Is it a function, with its decorators if it has some?"""
    return node.type == "function_definition" or parts_of(node)[-1].type == "function_definition"


def _half_typed(view: View, functions: Iterable[Node], before: Checked) -> list[Node]:
    """The functions with a syntax error, or with an incomplete line that is being typed."""
    at = before.typed_at
    found = [node for node in functions if node.has_error]
    if at is not None and at <= view.file.root.end_byte and runs_over(view.file.root, view.file.source, at):
        found += [node for node in functions if node.start_byte <= at <= node.end_byte and node not in found]
    return found


def _simple(path: tuple[Node, ...]) -> list[Node]:
    """The statement at the end of a path, and its ancestors, if it contains no function."""
    index = max((i for i, node in enumerate(path) if node.type in {"module", "block"}), default=0)
    if index + 1 >= len(path) or path[index + 1].type.endswith("_definition"):
        return []
    statement = path[index + 1]
    return [] if b"def " in (statement.text or b"") else [statement]


def _focus(source: Source, region: Region) -> Span:
    """The part of a region that is code; if there is none, the end of the code before it."""
    text = source.data[region.start : region.new]
    if text.strip():
        return Span(region.new - len(text.lstrip()), region.start + len(text.rstrip()))
    end = len(source.data[max(0, region.start - _FAR) : region.start].rstrip()) + max(0, region.start - _FAR)
    return Span(max(0, end - 1), max(0, end - 1))


def _lines(source: Source, region: Region) -> Span:
    """The span of all lines that a region touches."""
    first, last = source.line_at(region.start), source.line_at(region.new)
    return Span(source.starts[first], source.line_span(last).end)


def _without(found: Iterable[Found], span: Span) -> tuple[Found, ...]:
    return tuple(one for one in found if not _touches(one, span))


def _touches(one: Found, span: Span) -> bool:
    return one.finding.span.start <= span.end and span.start <= one.finding.span.end


def _in_any(one: Found, nodes: Iterable[Node]) -> bool:
    span = one.finding.span
    return any(node.start_byte <= span.start and span.end <= node.end_byte for node in nodes)


def _moved(found: Iterable[Found], region: Region) -> tuple[Found, ...]:
    return tuple(one for one in (_moved_one(each, region) for each in found) if one is not None)


def _moved_one(one: Found, region: Region) -> Found | None:
    span = region.moved(one.finding.span)
    if span is None:
        return None
    related = tuple(_related(one.finding.related, region))
    return one._replace(finding=msgspec.structs.replace(one.finding, span=span, related=related))


def _related(related: Iterable[Related], region: Region) -> Iterator[Related]:
    for each in related:
        span = region.moved(each.span) if each.file is None else each.span
        if span is not None:
            yield msgspec.structs.replace(each, span=span)


def _bare(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(one._replace(finding=msgspec.structs.replace(one.finding, fixes=no_fixes)) for one in found)
