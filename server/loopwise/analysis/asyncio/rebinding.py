"""Definitions that a program replaces while it runs: by patches, ``setattr``, ``global`` and what creates classes."""

from __future__ import annotations

import re

from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import ClassObject, Function, Instance, decorator_names, each, inheritance
from loopwise.syntax import Node, field, parts_of, text_of
from loopwise.text import encode

# Decorators of classes that add no methods and replace none.
KEEP_METHODS = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering", "define", "attrs", "s"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "type", "EnumMeta", "EnumType"})
# What is between the parenthesis of a call and an argument of it.
_BEFORE = rb"\s*\((?:[^()]|\([^()]*\)){0,300}?"
_ANY_GLOBAL = re.compile(rb"\bglobals\(\)\s*(?:\[[^\]\n]*\]\s*=(?!=)|\.update\()|\bsys\.modules\[__name__\]")
_ANY_ATTRIBUTE = re.compile(rb"\bsetattr\(\s*\w+\s*,\s*(?![\s\"'])|\b__dict__\.update\(|\bvars\(\w+\)\.update\(")


def lasting(unit: Unit, callee: Node) -> Evidence:
    """The evidence that a function or method is still the one that its definition shows when it is called."""
    name = text_of(field(callee, "attribute") or callee)
    functions = [one for one in each(unit.value(callee)) if isinstance(one, Function) and not one.file.is_stub]
    files = [unit.file, *(one.file for one in functions if one.file is not unit.file)]
    if any(_is_set_by_name(unit, file, name) for file in files):
        return Evidence.NONE
    return min((_of_function(unit, one) for one in functions), default=Evidence.CERTAIN)


def is_added(unit: Unit, cls: ClassObject, methods: tuple[str, ...]) -> bool:
    """May a program add one of the special methods to a class, or create something other than its instances?"""
    own = [base for base in inheritance.mro(unit.ev, cls) if not base.file.is_stub]
    if any("__new__" in base.file.table_of(base.node).by_name or has_own_metaclass(base) for base in own):
        return True
    files = [unit.file, *(base.file for base in own if base.file is not unit.file)]
    names = [base.qualname.rpartition(".")[2] for base in own]
    return any(_adds(file, names, methods) for file in files) if own else False


def _adds(file: File, classes: list[str], methods: tuple[str, ...]) -> bool:
    """Does a file set one of the methods on one of the classes, or on a variable that may hold one?"""
    data, wanted = file.source.data, encode("|".join(methods))
    if not any(encode(method) in data for method in methods):
        return False
    holder = rb"(?:" + encode("|".join(map(re.escape, classes))) + rb"|[a-z_]\w*)"
    called = rb"\bsetattr\(\s*" + holder + rb"\s*,\s*[\"'](?:" + wanted + rb")[\"']"
    assigned = rb"\b" + holder + rb"\.(?:" + wanted + rb")[ \t]*=(?!=)"
    return re.search(called + rb"|" + assigned, data) is not None


def has_own_metaclass(cls: ClassObject) -> bool:
    """Does a class name a metaclass of which it is not known that it leaves the class as it is?"""
    listed = field(cls.node, "superclasses")
    given = [one for one in parts_of(listed) if one.type == "keyword_argument"] if listed is not None else []
    names = (text_of(field(one, "value") or one) for one in given if text_of(field(one, "name") or one) == "metaclass")
    return any(name.rpartition(".")[2] not in _PLAIN_METACLASSES for name in names)


def _of_function(unit: Unit, function: Function) -> Evidence:
    name = function.qualname.rpartition(".")[2]
    if function.owner is None:
        if "." not in function.qualname and _is_global(unit, function.file, name):
            return Evidence.NONE
        return Evidence.LIKELY if _ANY_GLOBAL.search(function.file.source.data) else Evidence.CERTAIN
    bound = function.bound.cls if isinstance(function.bound, Instance) else function.owner
    order = [base for base in inheritance.mro(unit.ev, bound) if not base.file.is_stub]
    return min((_of_class(base) for base in order), default=Evidence.CERTAIN)


def _of_class(cls: ClassObject) -> Evidence:
    if "__getattribute__" in cls.file.table_of(cls.node).by_name:
        return Evidence.NONE
    if has_own_metaclass(cls) or not KEEP_METHODS.issuperset(decorator_names(cls.node)):
        return Evidence.LIKELY
    outside = rb"\bsetattr\(\s*" + encode(cls.qualname.rpartition(".")[2]) + rb"\s*,\s*(?![\s\"'])"
    is_open = _ANY_ATTRIBUTE.search(cls.node.text or b"") or re.search(outside, cls.file.source.data)
    return Evidence.LIKELY if is_open else Evidence.CERTAIN


def _is_set_by_name(unit: Unit, file: File, name: str) -> bool:
    """Does a file set the attribute ``name`` of something by its name in a string?"""
    return unit.per_edit.get(("set by name", file.name, name), lambda: _sets(file.source.data, encode(name)))


def _sets(data: bytes, name: bytes) -> bool:
    called = rb"\b(?:setattr|patch(?:\.\w+)?)" + _BEFORE + rb"[\"'](?:[\w.]*\.)?" + re.escape(name) + rb"[\"']"
    return (b"setattr" in data or b"patch" in data) and re.search(called, data) is not None


def _is_global(unit: Unit, file: File, name: str) -> bool:
    """Does a function of the file bind the module's name?"""
    pattern = rb"\bglobal\b[^\n#]*\b" + re.escape(encode(name)) + rb"\b"
    return unit.per_edit.get(("is global", file.name, name), lambda: re.search(pattern, file.source.data) is not None)
