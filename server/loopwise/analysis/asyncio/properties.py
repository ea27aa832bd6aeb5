"""Plain properties: the function that computes an attribute."""

from __future__ import annotations

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Function, Instance, definitions, each, inheritance
from loopwise.syntax import Node, decorators_of, field, is_async, parts_of, text_of


def property_of(unit: Unit, attribute: Node) -> Function | None:
    """The one plain function, with no decorator but ``property``, that computes an attribute."""
    owner, name = field(attribute, "object"), field(attribute, "attribute")
    members = each(unit.value(owner)) if owner is not None else ()
    if name is None or len(members) != 1 or not isinstance(members[0], Instance):
        return None
    for cls in inheritance.mro(unit.ev, members[0].cls):
        found = [one for one in _definitions(cls) if text_of(field(one, "name") or one) == text_of(name)]
        if found:
            return _plain(cls, found[0]) if not cls.file.is_stub else None
    return None


def _definitions(cls: ClassObject) -> list[Node]:
    body = field(cls.node, "body")
    inner = [field(one, "definition") or one for one in (parts_of(body) if body is not None else ())]
    return [one for one in inner if one.type == "function_definition"]


def _plain(cls: ClassObject, node: Node) -> Function | None:
    function = definitions.plain_function(cls.file, node)
    is_property = [text_of(one) for one in decorators_of(node)] == ["property"]
    return function if is_property and not is_async(node) else None
