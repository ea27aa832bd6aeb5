"""Finds the place of a new import statement: the group it belongs to, sorted like the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from loopwise.syntax import source_of
from loopwise.text import Edit, Span, encode
from loopwise.writing.imports.header import Header, Line, Section, section_of
from loopwise.writing.imports.order import are_sorted, place_of

# Comments on top of a file that are about all of it.
_OF_FILE = re.compile(
    r"#!|#.*(?:coding[:=]|copyright|licen[cs]ed?\b|spdx|©|\bvim?:)"
    r"|#\s*(?:pylint|mypy|ruff|flake8|isort|fmt|pyright|cython|distutils)\s*:",
    re.IGNORECASE,
)


class Statement(msgspec.Struct, frozen=True):
    """A new import statement, and the module that it names, as written in it."""

    text: str
    module: str

    @property
    def is_from(self) -> bool:
        return self.text.startswith("from ")


class _Group(msgspec.Struct, frozen=True):
    """Consecutive import lines without a blank line, and the comments among them."""

    lines: tuple[Line, ...]

    @property
    def imports(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_import)


def insertion(header: Header, statement: Statement) -> Edit:
    """The edit that puts a statement on a line of its own, with the blank lines this requires."""
    groups = list(_groups(header))
    if not groups:
        return _on_top(header, statement)
    group = _group_for(header, groups, statement)
    if group is not None:
        return _insert(header, _place_in(header, groups, group, statement), statement)
    section = section_of(header.file, statement.module)
    later = next((g for g in groups if min(_sections(header, g)) > section), None)
    return _above(header, later, statement) if later is not None else _below(header, groups[-1], statement)


def _groups(header: Header) -> Iterator[_Group]:
    held: list[Line] = []
    for line in header.lines:
        apart = bool(held) and held[-1].span.end < line.span.start
        joins = line.is_import or line.is_future or line.is_comment
        if held and (apart or not joins):
            yield from _with_imports(held)
            held = []
        if joins:
            held.append(line)
    yield from _with_imports(held)


def _with_imports(lines: Sequence[Line]) -> Iterator[_Group]:
    if any(line.is_import for line in lines):
        yield _Group(tuple(lines))


def _sections(header: Header, group: _Group) -> set[Section]:
    return {section_of(header.file, line.module) for line in group.imports}


def _group_for(header: Header, groups: Sequence[_Group], statement: Statement) -> _Group | None:
    """The group for the statement: of its section, and of its form if possible; ``None`` if a new group is needed."""
    section = section_of(header.file, statement.module)

    def has(group: _Group, *, form: bool) -> bool:
        return any(
            section_of(header.file, line.module) is section and (not form or line.is_from == statement.is_from)
            for line in group.imports
        )

    same = next((g for g in groups if has(g, form=True)), None) or next((g for g in groups if has(g, form=False)), None)
    # A file that keeps no sections apart gets none from us.
    return same or next((g for g in groups if len(_sections(header, g)) > 1), None)


def _place_in(header: Header, groups: Sequence[_Group], group: _Group, statement: Statement) -> int:
    """Byte offset of the line in ``group`` before which the statement is inserted."""
    imports = group.imports
    if _is_mixed(group) or (not _has_both(group) and any(_is_mixed(other) for other in groups)):
        pool = list(imports)
    else:
        pool = [line for line in imports if line.is_from == statement.is_from]
    if not pool:
        froms_first = any(_order(other) == "froms first" for other in groups)
        first = statement.is_from == froms_first
        return _before(group, imports[0]) if first else imports[-1].span.end
    section = section_of(header.file, statement.module)
    near = [line for line in pool if section_of(header.file, line.module) is section]
    if near and not are_sorted(_entry(line) for line in pool):
        pool = near
    index = place_of((statement.module, statement.text), [_entry(line) for line in pool])
    return _before(group, pool[index]) if index < len(pool) else pool[-1].span.end


def _before(group: _Group, line: Line) -> int:
    """The start of a line, including its comments; the comments at the top are the group's heading."""
    index = group.lines.index(line)
    if line == group.imports[0]:
        return line.span.start
    while group.lines[index - 1].is_comment:
        index -= 1
    return group.lines[index].span.start


def _has_both(group: _Group) -> bool:
    return len({line.is_from for line in group.imports}) > 1


def _order(group: _Group) -> str:
    forms = [line.is_from for line in group.imports]
    if not _has_both(group):
        return ""
    return "plain first" if forms == sorted(forms) else "froms first" if forms == sorted(forms)[::-1] else "mixed"


def _is_mixed(group: _Group) -> bool:
    """Is the group sorted by module, regardless of the form of its statements?"""
    return _order(group) in {"mixed", "froms first"} and are_sorted(_entry(line) for line in group.imports)


def _entry(line: Line) -> tuple[str, str]:
    return line.module, source_of(line.code[0])


def _insert(header: Header, at: int, statement: Statement, *, above: int = 0, below: int = 0) -> Edit:
    """Insert the statement's line at the start of a line, with blank lines above and below it."""
    at = max(at, header.start)
    return Edit(Span(at, at), encode(header.newline * above + statement.text + header.newline * (1 + below)))


def _above(header: Header, group: _Group, statement: Statement) -> Edit:
    """A new group above another one."""
    comments = [line for line in group.lines if line.span.end <= group.imports[0].span.start]
    heading = comments[0] if comments else group.imports[0]
    at = group.imports[0] if any(line.is_future for line in comments) or heading == header.lines[0] else heading
    before = [line for line in header.lines if line.span.end == at.span.start]
    tight = bool(before) and not before[-1].is_comment
    return _insert(header, at.span.start, statement, above=int(tight), below=1)


def _below(header: Header, group: _Group, statement: Statement) -> Edit:
    """A new group below another one."""
    at = group.imports[-1].span.end
    return _insert(header, at, statement, above=1, below=int(_is_code(header, at)))


def _is_code(header: Header, at: int) -> bool:
    """Does code (or text that is being typed) follow at the start of a line?"""
    source = header.file.source
    span = source.line_span(source.line_at(at))
    return at >= header.end or bool(source.data[span.start : span.end].strip())


def _on_top(header: Header, statement: Statement) -> Edit:
    """Insert the first import: below the docstring, the ``__future__`` imports and the file's opening comments."""
    preamble = list(_preamble(header))
    at = preamble[-1].span.end if preamble else header.start
    rest = header.lines[len(preamble) :]
    defines = header.defines and all(line.is_comment for line in rest)
    below = (2 if defines else 1) if _is_code(header, at) else 0
    return _insert(header, at, statement, above=int(bool(preamble)), below=below)


def _preamble(header: Header) -> Iterator[Line]:
    """The lines that the first import goes below."""
    held: list[Line] = []  # comments that may be about what follows them
    seen = False  # the docstring, or an import from the future
    ends = [*(line.span.start for line in header.lines[1:]), header.end]
    for line, end in zip(header.lines, ends, strict=False):
        if line.is_comment:
            held.append(line)
            block = list(_block(held))
            if end > line.span.end and (not seen or any(_OF_FILE.match(source_of(c.nodes[0])) for c in block)):
                yield from held
                held = []
        elif line.is_future or (not seen and _is_docstring(line)):
            yield from (*held, line)
            held, seen = [], True
        else:
            break
    if any(_OF_FILE.match(source_of(line.nodes[0])) for line in held):
        yield from held


def _block(comments: Sequence[Line]) -> Iterator[Line]:
    """The last comments, back to a blank line."""
    for index in range(len(comments) - 1, -1, -1):
        yield comments[index]
        if index and comments[index - 1].span.end < comments[index].span.start:
            return


def _is_docstring(line: Line) -> bool:
    first = line.code[0]
    return first.type == "expression_statement" and first.child_count == 1 and first.children[0].type == "string"
