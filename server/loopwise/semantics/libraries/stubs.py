"""Makes stubs from sources: a module's definitions without its functions' bodies.

Decorators, parameters and annotations stay as written.  A function without a result annotation keeps the expressions
that it returns and the names they use, so that its result can be inferred on request. Assignments to ``self`` stay in
methods.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from loopwise.semantics.libraries.bodies import kept_of, own_yields
from loopwise.semantics.libraries.written import LONGEST, flat, short, value_of
from loopwise.syntax import Node, decorators_of, field, string_value, text_of
from loopwise.text import encode

# Summaries are kept by the thousand, so one space is enough.
_INDENT = " "
_DEEPEST = 12  # classes in classes and conditions; what is deeper is left out
_PARAGRAPH = 300  # characters of a docstring that are kept
_GROWS = re.compile(r"__all__(?:\.(?:extend|append|remove)\b|\s*\+=)")


def stub_of(root: Node) -> bytes:
    """The stub (UTF-8) of a module's tree."""
    return encode("\n".join(_statements(root.named_children, "")) + "\n")


def _statements(nodes: Iterable[Node], indent: str) -> Iterator[str]:
    for node in nodes:
        write = _WRITERS.get(node.type)
        if write is not None and len(indent) <= _DEEPEST:
            yield from write(node, indent)


def _block(nodes: Iterable[Node], indent: str) -> Iterator[str]:
    """Statements one level deeper, or ``...`` if there are none."""
    written = list(_statements(nodes, indent + _INDENT))
    yield from written or [f"{indent}{_INDENT}..."]


# Imports, assignments, conditions


def _import(node: Node, indent: str) -> Iterator[str]:
    names = [flat(item) for item in node.children_by_field_name("name")]
    source = field(node, "module_name")
    if any(child.type == "wildcard_import" for child in node.named_children):
        names = ["*"]
    if names and source is not None:
        yield f"{indent}from {flat(source)} import {', '.join(names)}"
    elif names and node.type == "import_statement":
        yield f"{indent}import {', '.join(names)}"


def _expression(node: Node, indent: str) -> Iterator[str]:
    for child in node.named_children:
        if child.type == "assignment":
            yield from _assignment(child, indent)
        elif _GROWS.match(text_of(child)):
            yield f"{indent}{flat(child)}"


def _assignment(node: Node, indent: str) -> Iterator[str]:
    left, annotation, right = field(node, "left"), field(node, "type"), field(node, "right")
    if left is None or left.type not in {"identifier", "pattern_list", "tuple_pattern"}:
        return
    if right is not None and right.type == "assignment":  # a = b = value
        yield from _assignment(right, indent)
        inner = field(right, "left")
        if inner is not None:
            yield f"{indent}{flat(left)} = {flat(inner)}"
        return
    said = f": {flat(annotation)}" if annotation is not None else ""
    whole = text_of(left) == "__all__" or text_of(left).startswith("__slots__")
    value = (flat(right) if whole else value_of(right)) if right is not None else None
    if annotation is not None and "TypeAlias" not in said:
        value = "..." if value is not None else None
    yield f"{indent}{flat(left)}{said}" + (f" = {value}" if value is not None else "")


def _alias(node: Node, indent: str) -> Iterator[str]:
    yield f"{indent}{flat(node)}"


def _if(node: Node, indent: str) -> Iterator[str]:
    condition, body = field(node, "condition"), field(node, "consequence")
    if condition is None or body is None or text_of(condition).startswith("__name__"):
        return
    arms = list(node.children_by_field_name("alternative"))
    if not any(list(_statements(_inside(arm), indent)) for arm in (node, *arms)):
        return
    yield f"{indent}if {short(condition)}:"
    yield from _block(body.named_children, indent)
    for arm in arms:
        test = field(arm, "condition")
        yield f"{indent}elif {short(test)}:" if test is not None else f"{indent}else:"
        yield from _block(_inside(arm), indent)


def _inside(arm: Node) -> list[Node]:
    body = field(arm, "consequence") or field(arm, "body")
    return list(body.named_children) if body is not None else []


def _try(node: Node, indent: str) -> Iterator[str]:
    """The branches of a ``try`` as those of an ``if``: either may have run."""
    blocks = [
        (block, clause.type)
        for clause in node.named_children
        for block in ([clause] if clause.type == "block" else clause.named_children)
        if block.type == "block"
    ]
    written = [(list(_statements(block.named_children, indent + _INDENT)), kind) for block, kind in blocks]
    word = "if"
    for lines, kind in written:
        if lines and kind in {"finally_clause", "else_clause"}:
            yield from (line[len(_INDENT) :] for line in lines)
        elif lines:
            yield f"{indent}{word} ...:"
            yield from lines
            word = "elif"


def _with(node: Node, indent: str) -> Iterator[str]:
    body = field(node, "body")
    yield from _statements(body.named_children if body is not None else (), indent)


# Definitions


def _decorated(node: Node, indent: str) -> Iterator[str]:
    definition = field(node, "definition")
    if definition is not None:
        yield from _statements([definition], indent)


def _decorators(node: Node, indent: str) -> Iterator[str]:
    for expression in decorators_of(node):
        text = flat(expression)
        callee = field(expression, "function") if expression.type == "call" else None
        yield f"{indent}@{text if len(text) <= LONGEST or callee is None else flat(callee) + '()'}"


def _function(node: Node, indent: str) -> Iterator[str]:
    name, body, result = field(node, "name"), field(node, "body"), field(node, "return_type")
    if name is None or body is None:
        return
    yield from _decorators(node, indent)
    word = "async def" if node.child(0) is not None and node.children[0].type == "async" else "def"
    said = f" -> {flat(result)}" if result is not None else ""
    types = field(node, "type_parameters")
    yield f"{indent}{word} {flat(name)}{flat(types) if types is not None else ''}({_parameters(node)}){said}:"
    lines = list(_doc(body, indent + _INDENT))
    kept = kept_of(body, own_yields(body), _nested, annotated=result is not None)
    lines += [f"{indent}{_INDENT}{line}" for line in kept]
    yield from lines or [f"{indent}{_INDENT}..."]


def _nested(node: Node) -> list[str]:
    """The stub of a nested function that the outer one returns."""
    return list(_function(node, ""))


def _parameters(function: Node) -> str:
    parameters = field(function, "parameters")
    parts = [part for part in parameters.named_children if part.type != "comment"] if parameters is not None else []
    return ", ".join(_parameter(part) for part in parts)


def _parameter(node: Node) -> str:
    if node.type not in {"default_parameter", "typed_default_parameter"}:
        return flat(node)
    name, annotation, value = field(node, "name"), field(node, "type"), field(node, "value")
    said = f": {flat(annotation)}" if annotation is not None else ""
    default = flat(value) if value is not None else "..."
    return f"{flat(name) if name is not None else '_'}{said} = {default if len(default) <= 40 else '...'}"


def _class(node: Node, indent: str) -> Iterator[str]:
    name, body, bases = field(node, "name"), field(node, "body"), field(node, "superclasses")
    if name is None or body is None:
        return
    yield from _decorators(node, indent)
    types = field(node, "type_parameters")
    head = f"{flat(name)}{flat(types) if types is not None else ''}{flat(bases) if bases is not None else ''}"
    yield f"{indent}class {head}:"
    inner = indent + _INDENT
    lines = [*_doc(body, inner), *_statements(body.named_children, inner)]
    yield from lines or [f"{inner}..."]


def _doc(body: Node, indent: str) -> Iterator[str]:
    """The first paragraph of a docstring, if there is one."""
    first = next((child for child in body.named_children if child.type != "comment"), None)
    literal = first.named_children[0] if first is not None and first.type == "expression_statement" else None
    text = string_value(literal) if literal is not None else None
    paragraph = " ".join(text.strip().split("\n\n")[0].split())[:_PARAGRAPH] if text else ""
    if paragraph:
        escaped = paragraph.replace("\\", "\\\\").replace('"', '\\"')
        yield f'{indent}"""{escaped}"""'


_WRITERS = {
    "import_statement": _import,
    "import_from_statement": _import,
    "expression_statement": _expression,
    "type_alias_statement": _alias,
    "if_statement": _if,
    "try_statement": _try,
    "with_statement": _with,
    "decorated_definition": _decorated,
    "function_definition": _function,
    "class_definition": _class,
}
