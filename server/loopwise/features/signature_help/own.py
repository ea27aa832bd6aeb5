"""The signatures of the user's and libraries' async functions, as written."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.features.signature_help.parts import Kind, Parameter, Parts
from loopwise.semantics.infer import Function, decorator_names, docstring, takes_receiver
from loopwise.syntax import Node, field, first_of, is_async, parts_of, text_of

_MARKS = {"list_splat_pattern": Kind.STAR, "dictionary_splat_pattern": Kind.DOUBLE_STAR}


def own(function: Function, name: str = "") -> list[Parts]:
    """One signature per overload of an async function of the user or a library; empty for any other.

    ``name`` is the name it is called by, if different from its own. A decorator's wrapper is skipped: it passes its
    arguments on to a function that is unknown here.
    """
    unread = function.file.is_stub and not function.file.is_summary
    if unread or "wraps" in decorator_names(function.nodes[0]):
        return []
    definitions = (node for node in function.nodes if node.type == "function_definition" and is_async(node))
    return [_parts(function, node, name or function.qualname.rpartition(".")[2]) for node in definitions]


def _parts(function: Function, node: Node, name: str) -> Parts:
    spec, result = field(node, "parameters"), field(node, "return_type")
    parameters = list(_parameters(spec)) if spec is not None else []
    bound = takes_receiver(function) and parameters and parameters[0].kind in {Kind.EITHER, Kind.POSITION}
    return Parts(
        name,
        tuple(parameters[1:] if bound else parameters),
        _line(result) if result is not None else "",
        asynchronous=True,
        documentation=docstring(node),
    )


def _parameters(spec: Node) -> Iterator[Parameter]:
    nodes = [node for node in parts_of(spec) if node.type not in {"comment", "ERROR"}]
    slash = next((index for index, node in enumerate(nodes) if node.type == "positional_separator"), 0)
    plain = Kind.EITHER
    for index, node in enumerate(nodes):
        name = _name(node)
        if node.type == "keyword_separator":
            plain = Kind.KEYWORD
        if name is None:
            continue
        kind = _MARKS.get((name.parent or name).type, Kind.POSITION if index < slash else plain)
        if kind is Kind.STAR:
            plain = Kind.KEYWORD
        yield Parameter(text_of(name), _line(node), kind)


def _name(node: Node) -> Node | None:
    """The identifier of a parameter, without stars, annotation and default."""
    while node.type != "identifier":
        inner = field(node, "name") or first_of(node)
        if inner is None:
            return None
        node = inner
    return node


def _line(node: Node) -> str:
    return " ".join(text_of(node).split())
