"""What each name is bound to, scope by scope.

A *unit* is a function, a class body or the module level; its :class:`Table` lists the bindings made in it.
A table's spans are relative to its unit's start, so that a table can be kept as long as the unit's bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType

import msgspec

from loopwise.syntax import Node, field, is_async, text_of, unwrap, walk
from loopwise.text import Span


class Kind(Enum):
    """How a name gets its value; says what :attr:`Binding.value` is."""

    ASSIGN = "assign"  # the right-hand side
    DECLARE = "declare"  # an annotation alone
    PARAMETER = "parameter"  # the default
    FOR = "for"  # the iterable
    WITH = "with"  # the context manager
    EXCEPT = "except"  # the exception class or classes
    FUNCTION = "function"  # the definition
    CLASS = "class"  # the definition
    IMPORT = "import"
    FROM = "from"
    ALIAS = "alias"  # the right-hand side of a `type` statement
    CASE = "case"  # the pattern before the `as`
    OUTER = "outer"  # `global` or `nonlocal`
    OPAQUE = "opaque"  # bound, to what is not worth knowing: parts of patterns, augmented assignments


class Branch(msgspec.Struct, frozen=True):
    """One arm of a compound statement that encloses a binding."""

    statement: int  # relative start of the compound statement
    arm: int  # relative start of the arm's block
    kind: str  # the statement's node type
    guards: tuple[tuple[str, bool], ...] = ()  # conditions on sys.version_info, sys.platform: (text, must be)


class Binding(msgspec.Struct, frozen=True):
    """One place that gives a name (or an attribute of ``self``) a value."""

    name: str
    kind: Kind
    at: Span  # the name, relative to the unit
    value: Span | None = None  # see Kind
    annotation: Span | None = None
    path: tuple[int | None, ...] = ()  # indexes when unpacked, outermost first; None: a starred target
    asynchronous: bool = False  # `async for`, `async with`
    branches: tuple[Branch, ...] = ()  # outermost first
    module: str = ""  # imports: as written, leading dots kept
    member: str = ""  # `from module import member`
    splat: str = ""  # parameters: "", "*" or "**"
    keyword_only: bool = False  # parameters


_EMPTY: Mapping[str, tuple[Binding, ...]] = MappingProxyType({})


class Table(msgspec.Struct, frozen=True, dict=True):
    """All bindings of one unit, in source order."""

    bindings: tuple[Binding, ...]
    attributes: tuple[tuple[str, Binding], ...]  # (object's name, binding of its attribute)
    stars: tuple[Binding, ...]  # `from module import *`
    returns: tuple[Span, ...]  # expressions of `return` statements
    yields: tuple[tuple[Span, bool], ...]  # expressions of `yield`, and whether `yield from`
    is_generator: bool

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Binding, ...]]:
        return _grouped((binding.name, binding) for binding in self.bindings)

    def attributes_of(self, owner: str) -> Mapping[str, tuple[Binding, ...]]:
        """Bindings of ``owner.attribute`` made in this unit, by attribute."""
        return self._by_owner.get(owner, _EMPTY)

    @cached_property
    def _by_owner(self) -> Mapping[str, Mapping[str, tuple[Binding, ...]]]:
        owners = {owner for owner, _ in self.attributes}
        return {o: _grouped((b.name, b) for owner, b in self.attributes if owner == o) for o in owners}

    @cached_property
    def parameters(self) -> tuple[Binding, ...]:
        return tuple(binding for binding in self.bindings if binding.kind is Kind.PARAMETER)


def _grouped(pairs: Iterable[tuple[str, Binding]]) -> dict[str, tuple[Binding, ...]]:
    groups: dict[str, list[Binding]] = {}
    for name, binding in pairs:
        groups.setdefault(name, []).append(binding)
    return {name: tuple(found) for name, found in groups.items()}


_TABLES: dict[tuple[str, bytes], Table] = {}  # by node type and digest of the unit's bytes
_MOST_TABLES = 20_000


def table_of(unit: Node) -> Table:
    """The table of a function, lambda, class or module node, or of broken code; kept by content."""
    key = (unit.type, blake2b(unit.text or b"", digest_size=16).digest())
    table = _TABLES.get(key)
    if table is None:
        if len(_TABLES) >= _MOST_TABLES:
            _TABLES.clear()
        table = _TABLES[key] = _Scan(unit).table()
    return table


def places(items: Sequence[Node]) -> Iterator[tuple[int | None, Node]]:
    """The targets of an unpacking with their indexes, from the end after a starred one, which has ``None``."""
    star = next((i for i, item in enumerate(items) if item.type in _STARS), len(items))
    for index, item in enumerate(items):
        if index == star and item.named_children:
            yield None, item.named_children[0]
        elif index != star:
            yield (index if index < star else index - len(items)), item


def branches_of(path: tuple[Node, ...], unit: Node) -> tuple[Branch, ...]:
    """The arms around a node, within its unit; ``path`` leads from the root to the node."""
    found: list[Branch] = []
    inside = False
    for index, node in enumerate(path):
        if node == unit:
            inside, found = True, []
        elif inside and node.type in _ARMED and index + 1 < len(path):
            arm = path[index + 1]
            if node.type == "match_statement":  # the clauses of a match are in a block of their own
                index, arm = index + 1, path[index + 2] if index + 2 < len(path) else arm
            deeper = path[index + 2] if index + 2 < len(path) else arm
            block = deeper if arm.type in _CLAUSES and deeper.type == "block" else arm
            if block.type == "block":
                found.append(
                    Branch(node.start_byte - unit.start_byte, block.start_byte - unit.start_byte, node.type)
                )
    return tuple(found)


_ARMED = frozenset(
    {"if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement"}
)
_CLAUSES = frozenset(
    {"elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause", "case_clause"}
)
_STARS = frozenset({"list_splat_pattern", "list_splat", "splat_pattern"})
_DEEPEST = 60  # statements in statements, targets in targets: deeper ones are left out
LOOPS = frozenset({"for_statement", "while_statement"})
EXCLUSIVE = frozenset({"if_statement", "match_statement"})


class _Scan:
    """One pass over a unit's statements; nested functions and classes are bound, not entered."""

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
        return Table(
            tuple(self.bindings),
            tuple(self.attributes),
            tuple(self.stars),
            tuple(self.returns),
            tuple(self.yields),
            self.generator,
        )

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

    def _statements(self, block: Node) -> None:
        for node in block.named_children if len(self.branches) < _DEEPEST else ():
            handler = _HANDLERS.get(node.type)
            if handler is not None:
                handler(self, node)

    def _arm(self, statement: Node, block: Node | None, guards: tuple[tuple[str, bool], ...] = ()) -> None:
        if block is None:
            return
        outer = self.branches
        self.branches = (*outer, self._branch(statement, block, guards))
        self._statements(block)
        self.branches = outer

    def _branch(self, statement: Node, block: Node, guards: tuple[tuple[str, bool], ...] = ()) -> Branch:
        return Branch(statement.start_byte - self.base, block.start_byte - self.base, statement.type, guards)

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
            for place, item in places(target.named_children) if len(path) < _DEEPEST else ():
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

    def _import(self, node: Node) -> None:
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

    def _import_from(self, node: Node) -> None:
        source = field(node, "module_name")
        module = text_of(source).replace(" ", "") if source is not None else "__future__"
        for item in node.children_by_field_name("name"):
            alias = field(item, "alias")
            name = field(item, "name") if item.type == "aliased_import" else item
            if name is not None:
                self._bind_import(alias or name, Kind.FROM, module, text_of(name))
        if any(child.type == "wildcard_import" for child in node.named_children):
            self.stars.append(Binding("*", Kind.FROM, self._span(node), branches=self.branches, module=module))

    def _bind_import(self, name: Node, kind: Kind, module: str, member: str) -> None:
        self.bindings.append(
            Binding(
                text_of(name), kind, self._span(name), branches=self.branches, module=module, member=member
            )
        )

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

    def _pattern(self, pattern: Node, subject: Node | None, path: tuple[int | None, ...]) -> None:
        """Bind what a pattern captures: the part of ``subject`` at ``path``, or what the classes in it say."""
        while pattern.type == "case_pattern" and pattern.named_children:
            pattern = pattern.named_children[0]
        inner = pattern.named_children
        if not inner or len(path) > _DEEPEST:
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


def _inside(pattern: Node) -> Node:
    return pattern.named_children[0] if pattern.type == "case_pattern" and pattern.named_children else pattern


def _static_test(condition: Node | None) -> str:
    """The text of a condition that the target Python decides, else ``""``."""
    if condition is None:
        return ""
    text = text_of(condition)
    return text if text.startswith(("sys.version_info", "sys.platform", "TYPE_CHECKING", "typing.TYPE_CHECKING")) else ""


_HANDLERS = {
    "expression_statement": _Scan._expression,
    "import_statement": _Scan._import,
    "import_from_statement": _Scan._import_from,
    "function_definition": _Scan._definition,
    "class_definition": _Scan._definition,
    "decorated_definition": _Scan._definition,
    "if_statement": _Scan._if,
    "for_statement": _Scan._for,
    "while_statement": _Scan._while,
    "with_statement": _Scan._with,
    "try_statement": _Scan._try,
    "match_statement": _Scan._match,
    "global_statement": _Scan._outer,
    "nonlocal_statement": _Scan._outer,
    "type_alias_statement": _Scan._alias,
    "return_statement": _Scan._return,
    "assert_statement": _Scan._walrus,
    "ERROR": _Scan._statements,
    "block": _Scan._statements,
}
