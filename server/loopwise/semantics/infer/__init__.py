"""Inference: determines the value of an expression without running anything."""

from __future__ import annotations

from loopwise.semantics.infer import calls, definitions, inheritance, members, names, overloads, reaching, unify
from loopwise.semantics.infer.arguments import Arguments, arguments_in, pairs
from loopwise.semantics.infer.definitions import (
    class_object,
    docstring,
    is_generator,
    plain_function,
    takes_receiver,
)
from loopwise.semantics.infer.evaluator import Evaluator, StubValues
from loopwise.semantics.infer.marks import PROPERTIES, decorator_names
from loopwise.semantics.infer.members import assigned_in
from loopwise.semantics.infer.reaching import reaching_bindings
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Foreign,
    Function,
    Instance,
    Lambda,
    Literal,
    Module,
    NoneValue,
    Signature,
    Super,
    Tuple,
    TypeVar,
    Union,
    Unknown,
    Value,
    each,
    join,
)

__all__ = [
    "NONE",
    "PROPERTIES",
    "UNKNOWN",
    "Arguments",
    "ClassObject",
    "Evaluator",
    "Foreign",
    "Function",
    "Instance",
    "Lambda",
    "Literal",
    "Module",
    "NoneValue",
    "Signature",
    "StubValues",
    "Super",
    "Tuple",
    "TypeVar",
    "Union",
    "Unknown",
    "Value",
    "arguments_in",
    "assigned_in",
    "calls",
    "class_object",
    "decorator_names",
    "definitions",
    "docstring",
    "each",
    "inheritance",
    "is_generator",
    "join",
    "members",
    "names",
    "overloads",
    "pairs",
    "plain_function",
    "reaching",
    "reaching_bindings",
    "takes_receiver",
    "unify",
]
