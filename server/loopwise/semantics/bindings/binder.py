"""Records bindings as a scan meets them: targets, parameters, imports, patterns."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from loopwise.semantics.bindings.binding import Binding, Branch, Kind, places
from loopwise.syntax import Node, field, text_of
from loopwise.text import Span

DEEPEST = 60  # statements in statements, targets in targets: deeper ones are left out


class Binder:
    """Collects the bindings of one unit."""

    def __init__(self, unit: Node) -> None:
        self.unit = unit
        self.base = unit.start_byte
        self.bindings: list[Binding] = []
        self.attributes: list[tuple[str, Binding]] = []
        self.stars: list[Binding] = []
        self.returns: list[Span] = []
        self.yields: list[tuple[Span, bool]] = []
        self.generator = False
        self.branches: tuple[Branch, ...] = ()
        self.is_function = unit.type in {"function_definition", "lambda"}

    def _span(self, node: Node) -> Span:
        return Span(node.start_byte - self.base, node.end_byte - self.base)

    def _parameters(self, parameters: Node | None) -> None:
        keyword_only = False
        for node in parameters.named_children if parameters is not None else ():
            keyword_only = keyword_only or node.type == "keyword_separator"
            name: Node | None = node
            annotation, default = field(node, "type"), field(node, "value")
            if node.type in {"default_parameter", "typed_default_parameter"}:
                name = field(node, "name")
            elif node.type == "typed_parameter":
                name = node.named_children[0]
            splat = ""
            if name is not None and name.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
                splat = "*" if name.type == "list_splat_pattern" else "**"
                name = name.named_children[0] if name.named_children else None
            if name is not None and name.type == "identifier":
                self._bind(name, Kind.PARAMETER, default, annotation, splat=splat, keyword_only=keyword_only)
            keyword_only = keyword_only or splat == "*"

    def _bind(
        self,
        name: Node,
        kind: Kind,
        value: Node | None = None,
        annotation: Node | None = None,
        path: tuple[int | None, ...] = (),
        *,
        asynchronous: bool = False,
        splat: str = "",
        keyword_only: bool = False,
    ) -> None:
        binding = Binding(
            text_of(name),
            kind,
            self._span(name),
            self._span(value) if value is not None else None,
            self._span(annotation) if annotation is not None else None,
            path,
            asynchronous,
            self.branches,
            splat=splat,
            keyword_only=keyword_only,
        )
        self.bindings.append(binding)

    def _branch(self, statement: Node, block: Node, guards: tuple[tuple[str, bool], ...] = ()) -> Branch:
        return Branch(statement.start_byte - self.base, block.start_byte - self.base, statement.type, guards)

    def _target(
        self,
        target: Node,
        kind: Kind,
        value: Node | None,
        annotation: Node | None = None,
        path: tuple[int | None, ...] = (),
        *,
        asynchronous: bool = False,
    ) -> None:
        if target.type == "identifier":
            self._bind(target, kind, value, annotation, path, asynchronous=asynchronous)
        elif target.type == "attribute":
            self._attribute(target, kind, value, annotation, path, asynchronous=asynchronous)
        elif target.type in {"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"}:
            for place, item in places(target.named_children) if len(path) < DEEPEST else ():
                self._target(item, kind, value, None, (*path, place), asynchronous=asynchronous)
        elif target.type in {"as_pattern_target", "parenthesized_expression"} and target.named_children:
            self._target(target.named_children[0], kind, value, annotation, path, asynchronous=asynchronous)

    def _attribute(
        self,
        target: Node,
        kind: Kind,
        value: Node | None,
        annotation: Node | None,
        path: tuple[int | None, ...],
        *,
        asynchronous: bool,
    ) -> None:
        owner, name = field(target, "object"), field(target, "attribute")
        if owner is None or name is None or owner.type != "identifier":
            return
        kept = len(self.bindings)
        self._bind(name, kind, value, annotation, path, asynchronous=asynchronous)
        self.attributes.append((text_of(owner), self.bindings.pop(kept)))

    def bind_import(self, node: Node) -> None:
        for item in node.children_by_field_name("name"):
            alias = field(item, "alias")
            dotted = field(item, "name") if item.type == "aliased_import" else item
            if dotted is None:
                continue
            module = text_of(dotted)
            first = dotted.named_children[0] if dotted.named_children else dotted
            bound = module if alias is not None else text_of(first)
            self._bind_import(alias or first, Kind.IMPORT, bound, "")
            if alias is None and bound != module:
                # `import a.b` binds `a`; that `a.b` is loaded too is told by `module`.
                self.bindings[-1] = msgspec.structs.replace(self.bindings[-1], member=module)

    def bind_from_import(self, node: Node) -> None:
        source = field(node, "module_name")
        module = text_of(source).replace(" ", "") if source is not None else "__future__"
        typed = [
            n for child in node.children if child.type == "ERROR" for n in child.children if n.type == "identifier"
        ]
        for item in (*typed, *node.children_by_field_name("name")):  # a name that lacks its comma is an ERROR
            alias = field(item, "alias")
            name = field(item, "name") if item.type == "aliased_import" else item
            if name is not None:
                self._bind_import(alias or name, Kind.FROM, module, text_of(name))
        if any(child.type == "wildcard_import" for child in node.named_children):
            self.stars.append(Binding("*", Kind.FROM, self._span(node), branches=self.branches, module=module))

    def _bind_import(self, name: Node, kind: Kind, module: str, member: str) -> None:
        self.bindings.append(
            Binding(text_of(name), kind, self._span(name), branches=self.branches, module=module, member=member)
        )

    def _pattern(self, pattern: Node, subject: Node | None, path: tuple[int | None, ...]) -> None:
        """Bind the names that a pattern captures: the part of ``subject`` at ``path``, or the classes named in it."""
        while pattern.type == "case_pattern" and pattern.named_children:
            pattern = pattern.named_children[0]
        inner = pattern.named_children
        if not inner or len(path) > DEEPEST:
            return
        if pattern.type == "dotted_name" and len(inner) == 1:
            self._bind(inner[0], Kind.ASSIGN if subject is not None else Kind.OPAQUE, subject, None, path)
        elif pattern.type == "splat_pattern":
            self._bind(inner[0], Kind.OPAQUE)
        elif pattern.type == "as_pattern":
            if inner[-1].type == "identifier":
                self._bind(inner[-1], Kind.CASE, inner[0])
            self._pattern(inner[0], subject, path)
        elif pattern.type == "tuple_pattern" and len(inner) == 1 and pattern.child_count == 3:
            self._pattern(inner[0], subject, path)  # in parentheses
        elif pattern.type in {"list_pattern", "tuple_pattern"}:
            self._sequence(inner, subject, path)
        elif pattern.type == "union_pattern":
            for choice in inner:
                self._pattern(choice, subject, path)
        elif pattern.type in {"class_pattern", "keyword_pattern"}:
            for part in inner[1:]:
                self._pattern(part, None, (*path, None))
        elif pattern.type == "dict_pattern":
            for part in inner:
                if part.type in {"case_pattern", "splat_pattern"}:
                    self._pattern(part, None, (*path, None))

    def _sequence(self, patterns: Sequence[Node], subject: Node | None, path: tuple[int | None, ...]) -> None:
        for place, part in places([_inside(pattern) for pattern in patterns]):
            if part.type == "identifier":
                self._bind(part, Kind.ASSIGN if subject is not None else Kind.OPAQUE, subject, None, (*path, place))
            else:
                self._pattern(part, subject, (*path, place))


def _inside(pattern: Node) -> Node:
    return pattern.named_children[0] if pattern.type == "case_pattern" and pattern.named_children else pattern
