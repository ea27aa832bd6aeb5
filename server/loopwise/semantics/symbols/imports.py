"""Names in import statements: modules, parts of their dotted names, imported members."""

from __future__ import annotations

from loopwise.cards import Api
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import UNKNOWN, Evaluator, Module, Value
from loopwise.semantics.symbols.names import Use, by_name, in_pattern, origin
from loopwise.semantics.symbols.public import is_asyncio, name_of, public
from loopwise.syntax import Node, field, parts_of, path_to, span_of, text_of


def use_in_import(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    """The use of a name in an import statement: a module, a part of its dotted name, or an imported member."""
    path = path_to(file.root, span_of(node))
    statement = next((n for n in reversed(path) if n.type.startswith("import_")), None)
    if statement is None:
        module = _broken_import(node)
        if module is None:
            return in_pattern(ev, api, file, node)
        return Use(public(api, f"{module}.{text_of(node)}") if is_asyncio(module) else None, UNKNOWN)
    dotted = node.parent if node.parent is not None and node.parent.type == "dotted_name" else None
    source = field(statement, "module_name")
    in_source = source is not None and source.start_byte <= node.start_byte < source.end_byte
    if statement.type == "import_from_statement" and source is not None and not in_source:
        module = file.absolute(text_of(source))
        item = _item_around(statement, node)
        if module is None or item is None:
            return Use(None, UNKNOWN)
        value = ev.module_member(module, item)
        if is_asyncio(module):
            return Use(public(api, f"{module}.{item}"), value)
        return Use(_member_origin(ev, api, module, item, value), value)
    upto = [text_of(n) for n in parts_of(dotted) if n.end_byte <= node.end_byte] if dotted is not None else []
    module = ".".join(upto) if upto else None
    if module is None:
        return by_name(ev, api, file, node)
    return Use(public(api, module) if is_asyncio(module) else None, Module(module))


def _broken_import(node: Node) -> str | None:
    """The module of an unfinished ``from … import`` that contains ``node`` as a name."""
    item: Node | None = node
    while item is not None and item.parent is not None and item.parent.type != "ERROR":
        item = item.parent
    if item is None or item.parent is None:
        return None
    before = [child for child in item.parent.children if child.end_byte <= item.start_byte]
    kinds = [child.type for child in before]
    if "from" not in kinds or "import" not in kinds:
        return None
    at = len(kinds) - 1 - kinds[::-1].index("from")
    return text_of(before[at + 1]) if kinds[at + 2 : at + 3] == ["import"] else None


def _member_origin(ev: Evaluator, api: Api, module: str, item: str, value: Value) -> str | None:
    other = ev.modules.load(module)
    if other is not None and not other.is_stub:
        found = origin(ev, other, other.table.by_name.get(item, ()))
        if found is not None:
            return public(api, found)
    return name_of(api, value)


def _item_around(statement: Node, node: Node) -> str | None:
    if node.parent is not None and node.parent.type == "ERROR":
        return text_of(node)
    for item in statement.children_by_field_name("name"):
        if item.start_byte <= node.start_byte < item.end_byte:
            name = field(item, "name") if item.type == "aliased_import" else item
            return text_of(name) if name is not None else None
    return None
