"""A subclass of an exception group without ``derive`` becomes a plain group when it is split.

``except*``, ``split`` and ``subgroup`` create groups from parts of a group with its method ``derive``.  The inherited
method creates a plain ``ExceptionGroup``, so the class and the data of its instances are lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import dotted
from loopwise.analysis.known_names import EXCEPTION_GROUPS
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import class_object, inheritance
from loopwise.syntax import Node, field, parts_of, span_of, text_of
from loopwise.text import decode
from loopwise.writing import indent_of, insert, newline_of, usual_step


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    listed, name, body = field(node, "superclasses"), field(node, "name"), field(node, "body")
    if listed is None or name is None or body is None or not any(_is_group(unit, base) for base in parts_of(listed)):
        return
    if _has_derive(unit, node):
        return
    block = body
    yield Finding(
        span_of(name),
        f"Group class '{text_of(name)}' has no derive(), so splitting it returns plain groups",
        lambda: tuple(_fixes(unit, node, text_of(name), block)),
    )


def _is_group(unit: Unit, base: Node) -> bool:
    whole = parts_of(base)[0] if base.type == "subscript" else base
    if not text_of(whole).endswith("Group"):
        return False
    return dotted(unit, whole) in EXCEPTION_GROUPS


def _has_derive(unit: Unit, node: Node) -> bool:
    """Does the class, or one of its bases in the project, define the method?"""
    order = inheritance.mro(unit.ev, class_object(unit.file, node))
    return any("derive" in base.file.table_of(base.node).by_name for base in order if not base.file.is_stub)


def _fixes(unit: Unit, node: Node, name: str, body: Node) -> Iterator[Fix]:
    statements = [child for child in parts_of(body) if child.type != "comment"]
    inner = indent_of(unit.file, body.start_byte)
    if inner is None or not statements:
        return
    newline, step = decode(newline_of(unit.file, body.start_byte)), decode(usual_step(inner))
    indent = decode(inner)
    source = unit.file.source
    end = source.line_span(source.line_at(statements[-1].end_byte)).end
    lines = f"{newline}{newline}{indent}def derive(self, excs):{newline}{indent}{step}return {name}(self.message, excs)"
    yield Fix("Add derive()", (insert(end, lines),), safe=False)


RULE = Rule(
    code="LW319",
    name="group-subclass-without-derive",
    severity=Severity.HINT,
    nodes=("class_definition",),
    check=check,
    triggers=frozenset({"ExceptionGroup", "BaseExceptionGroup"}),
    **page(__doc__),
    peers=("ASYNC126",),
    cards=("except*",),
    examples=(
        Example(
            bad="""\
class StartError(ExceptionGroup):
#     ^^^^^^^^^^
    code = 3
""",
            fixed=(
                """\
class StartError(ExceptionGroup):
    code = 3

    def derive(self, excs):
        return StartError(self.message, excs)
""",
            ),
        ),
        Example(
            good="""\
class StartError(ExceptionGroup):
    def derive(self, excs):
        return StartError(self.message, excs)
""",
        ),
    ),
)
