"""``except*`` catches a group, which does not have the attributes of the exceptions in it.

After ``except* OSError as error``, the name is an ``ExceptionGroup``, whatever was raised, so ``error.errno`` is an
``AttributeError``.  The exceptions are in ``error.exceptions``, which may contain groups again.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import ATTRIBUTES, IDENTIFIERS, Node, field, nodes_of, parts_of, span_of, text_of

# The attributes of BaseExceptionGroup and BaseException.
_HAS = frozenset("message exceptions subgroup split derive args with_traceback add_note".split())
_BINDING = frozenset({"assignment", "as_pattern", "for_statement", "named_expression"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if not any(child.type == "*" for child in node.children):
        return
    group = _group(node)
    if group is None or _is_bound_again(node, group):
        return
    for attribute in own(node, ATTRIBUTES):
        name, owner = field(attribute, "attribute"), field(attribute, "object")
        if name is None or owner is None or owner.text != group.text or not _is_amiss(attribute, text_of(name), node):
            continue
        yield Finding(
            span_of(name),
            f"Exception group '{text_of(owner)}' has no attribute '{text_of(name)}'; use its 'exceptions'",
            related=(Related(span_of(group), "'except*' catches a group"),),
        )


def _is_amiss(node: Node, name: str, clause: Node) -> bool:
    """Is an attribute read that groups do not have, without a test before it?"""
    outer = node.parent
    is_set = outer is not None and (field(outer, "left") == node or outer.type == "delete_statement")
    return name not in _HAS and not name.startswith("__") and not is_set and not _is_narrowed(node, clause)


def _group(clause: Node) -> Node | None:
    pattern = next((child for child in parts_of(clause) if child.type == "as_pattern"), None)
    if pattern is None or len(parts_of(pattern)) < 2:
        return None
    alias = parts_of(pattern)[-1]
    name = parts_of(alias)[0] if alias.type == "as_pattern_target" and parts_of(alias) else alias
    return name if name.type == "identifier" else None


def _is_bound_again(clause: Node, group: Node) -> bool:
    for statement in nodes_of(clause, _BINDING):
        target = field(statement, "left") or field(statement, "name") or field(statement, "alias")
        if target is None or target.start_byte <= group.start_byte < target.end_byte:
            continue
        if any(one.text == group.text and _is_target(one) for one in nodes_of(target, IDENTIFIERS)):
            return True
    return False


def _is_target(name: Node) -> bool:
    return name.parent is None or name.parent.type not in {"attribute", "subscript"}


def _is_narrowed(node: Node, clause: Node) -> bool:
    """Does a test check the object's kind or attributes first?"""
    outer = node.parent
    while outer is not None and outer != clause:
        condition = field(outer, "condition")
        text = condition.text or b"" if condition is not None else b""
        if b"isinstance(" in text or b"hasattr(" in text:
            return True
        outer = outer.parent
    return False


RULE = Rule(
    code="LW320",
    name="except-star-attribute",
    severity=Severity.INFORMATION,
    nodes=("except_clause",),
    check=check,
    triggers=frozenset({"except"}),
    **page(__doc__),
    peers=("ASYNC400", "reportAttributeAccessIssue", "attr-defined", "missing-attribute"),
    cards=("except*",),
    examples=(
        Example(
            bad="""\
def main(work):
    try:
        work()
    except* OSError as error:
        print(error.errno)
#                   ^^^^^
""",
        ),
        Example(
            good="""\
def main(work):
    try:
        work()
    except OSError as error:
        print(error.errno)
"""
        ),
    ),
)
