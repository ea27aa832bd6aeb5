"""Finds the bindings of a unit in one pass over its statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from loopwise.semantics.bindings.binder import DEEPEST, Binder
from loopwise.semantics.bindings.binding import Kind, Scanned, Table
from loopwise.syntax import Node, field, is_async, text_of, unwrap, walk


class Scan(Binder):
    """One pass over a unit's statements; nested functions and classes are bound, not entered."""

    def table(self) -> Table:
        unit = self.unit
        if self.is_function:
            self._parameters(field(unit, "parameters"))
        if unit.type == "ERROR":
            for child in unit.named_children:
                self._parameters(child if child.type == "parameters" else None)
        body = unit if unit.type in {"module", "ERROR"} else field(unit, "body")
        if body is not None and unit.type != "lambda":
            self._statements(body)
            if self.is_function:
                self._yields(body)
        for child in unit.named_children:
            if child.type == "ERROR" and unit.type in {"function_definition", "class_definition"}:
                self._statements(child)
        found = Scanned(
            tuple(self.bindings),
            tuple(self.attributes),
            tuple(self.stars),
            tuple(self.returns),
            tuple(self.yields),
            self.generator,
        )
        return Table(found)

    def _statements(self, block: Node) -> None:
        for node in block.named_children if len(self.branches) < DEEPEST else ():
            handler = self._HANDLERS.get(node.type)
            if handler is not None:
                handler(self, node)

    def _arm(self, statement: Node, block: Node | None, guards: tuple[tuple[str, bool], ...] = ()) -> None:
        if block is None:
            return
        outer = self.branches
        self.branches = (*outer, self._branch(statement, block, guards))
        self._statements(block)
        self.branches = outer

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "assignment":
                self._assignment(child)
            elif child.type == "augmented_assignment":
                self._augmented(child)
        self._walrus(node)

    def _walrus(self, node: Node | None) -> None:
        if node is None or b":=" not in (node.text or b""):
            return
        for found in walk(node, skip=frozenset({"lambda", "block"})):
            if found.type == "named_expression":
                name, value = field(found, "name"), field(found, "value")
                if name is not None:
                    self._bind(name, Kind.ASSIGN, value)

    def _assignment(self, node: Node) -> None:
        targets = [node]
        right = field(node, "right")
        while right is not None and right.type == "assignment":
            targets.append(right)
            right = field(right, "right")
        for target in targets:
            left, annotation = field(target, "left"), field(target, "type")
            if left is not None:
                kind = Kind.ASSIGN if right is not None else Kind.DECLARE
                self._target(left, kind, right, annotation)

    def _augmented(self, node: Node) -> None:
        left = field(node, "left")
        if left is not None and left.type == "identifier" and not self.is_function:
            self._bind(left, Kind.OPAQUE)

    def _definition(self, node: Node) -> None:
        definition = field(node, "definition") if node.type == "decorated_definition" else node
        name = field(definition, "name") if definition is not None else None
        if definition is None or name is None:
            return
        kind = Kind.CLASS if definition.type == "class_definition" else Kind.FUNCTION
        self._bind(name, kind, definition)

    def _if(self, node: Node) -> None:
        self._walrus(field(node, "condition"))
        test = _static_test(field(node, "condition"))
        failed: tuple[tuple[str, bool], ...] = ((test, False),) if test else ()
        self._arm(node, field(node, "consequence"), ((test, True),) if test else ())
        for clause in node.children_by_field_name("alternative"):
            if clause.type == "else_clause":
                self._arm(node, field(clause, "body"), failed)
                continue
            self._walrus(field(clause, "condition"))
            test = _static_test(field(clause, "condition"))
            self._arm(node, field(clause, "consequence"), (*failed, (test, True)) if test else failed)
            failed = (*failed, (test, False)) if test else failed

    def _for(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        if left is not None:
            self._target(left, Kind.FOR, right, asynchronous=is_async(node))
        self._arm(node, field(node, "body"))
        self._else(node)

    def _while(self, node: Node) -> None:
        self._walrus(field(node, "condition"))
        self._arm(node, field(node, "body"))
        self._else(node)

    def _else(self, node: Node) -> None:
        clause = field(node, "alternative")
        if clause is not None:
            self._arm(node, field(clause, "body"))

    def _with(self, node: Node) -> None:
        for clause in node.named_children:
            if clause.type != "with_clause":
                continue
            for item in walk(clause, into=frozenset({"with_item", "tuple"})):
                value = field(item, "value") if item.type == "with_item" else item
                if value is not None and value.type == "as_pattern":
                    self._as_pattern(value, Kind.WITH, asynchronous=is_async(node))
        self._arm(node, field(node, "body"))

    def _as_pattern(self, pattern: Node, kind: Kind, *, asynchronous: bool = False) -> None:
        alias = field(pattern, "alias")
        if alias is not None and pattern.named_children:
            self._target(alias, kind, pattern.named_children[0], asynchronous=asynchronous)

    def _try(self, node: Node) -> None:
        for clause in node.named_children:
            if clause.type == "block":
                self._arm(node, clause)
                continue
            value = field(clause, "value")
            if value is not None and value.type == "as_pattern":
                self._as_pattern(value, Kind.EXCEPT)
            for block in clause.named_children:
                if block.type == "block":
                    self._arm(node, block)

    def _match(self, node: Node) -> None:
        subjects = node.children_by_field_name("subject")
        subject = subjects[0] if len(subjects) == 1 else None
        body = field(node, "body")
        for clause in body.named_children if body is not None else ():
            patterns = [child for child in clause.named_children if child.type == "case_pattern"]
            block = field(clause, "consequence")
            outer = self.branches
            self.branches = (*outer, self._branch(node, block or clause))
            if len(patterns) > 1:  # `case a, b`
                self._sequence(patterns, subject, ())
            for pattern in patterns[:1] if len(patterns) == 1 else ():
                self._pattern(pattern, subject, ())
            self.branches = outer
            self._arm(node, block)

    def _outer(self, node: Node) -> None:
        for name in node.named_children:
            if name.type == "identifier":
                self._bind(name, Kind.OUTER)

    def _alias(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        name = unwrap(left) if left is not None else None
        if name is not None and name.type == "generic_type":
            name = name.named_children[0]
        if name is not None:
            self._bind(name, Kind.ALIAS, right)

    def _return(self, node: Node) -> None:
        if node.named_children:
            self.returns.append(self._span(node.named_children[0]))
        self._walrus(node)

    def _yields(self, body: Node) -> None:
        if b"yield" not in (body.text or b""):
            return
        for node in walk(body, skip=frozenset({"function_definition", "class_definition", "lambda"})):
            if node.type == "yield":
                self.generator = True
                if node.named_children:
                    delegates = any(child.type == "from" for child in node.children)
                    self.yields.append((self._span(node.named_children[0]), delegates))

    _HANDLERS: ClassVar[Mapping[str, Callable[[Scan, Node], None]]] = {
        "expression_statement": _expression,
        "import_statement": Binder.bind_import,
        "import_from_statement": Binder.bind_from_import,
        "function_definition": _definition,
        "class_definition": _definition,
        "decorated_definition": _definition,
        "if_statement": _if,
        "for_statement": _for,
        "while_statement": _while,
        "with_statement": _with,
        "try_statement": _try,
        "match_statement": _match,
        "global_statement": _outer,
        "nonlocal_statement": _outer,
        "type_alias_statement": _alias,
        "return_statement": _return,
        "assert_statement": _walrus,
        "ERROR": _statements,
        "block": _statements,
    }


def _static_test(condition: Node | None) -> str:
    """The text of a condition that depends on the target Python only, else ``""``."""
    if condition is None:
        return ""
    text = text_of(condition)
    return (
        text if text.startswith(("sys.version_info", "sys.platform", "TYPE_CHECKING", "typing.TYPE_CHECKING")) else ""
    )
