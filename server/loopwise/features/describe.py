"""Values as text, in public names: ``asyncio.Queue[int]``."""

from __future__ import annotations

from loopwise.cards import Api
from loopwise.semantics import symbols
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Literal,
    Module,
    NoneValue,
    Tuple,
    Union,
    Unknown,
    Value,
)


def shown(api: Api, value: Value) -> str:
    """A value's type as a person would write it; unknown parts are left out if possible, else written as ``?``."""
    match value:
        case Union(members=members):
            parts = [shown(api, member) for member in members if not isinstance(member, (Unknown, NoneValue))]
            if any(isinstance(member, NoneValue) for member in members):
                parts.append("None")
            return " | ".join(dict.fromkeys(parts)) or "?"
        case Instance(cls=cls):
            return _class(api, cls)
        case NoneValue():
            return "None"
        case Tuple(items=items):
            return f"tuple[{', '.join(shown(api, item) for item in items)}]"
        case Literal(choices=choices):
            return f"Literal[{', '.join(choices)}]"
        case ClassObject():
            return f"type[{_class(api, value)}]"
        case Module(name=name):
            return f"module {name}"
        case Function():
            return "function"
    return "?"


def _class(api: Api, cls: ClassObject) -> str:
    if cls.fullname == "typing.Coroutine" and len(cls.args) == 3:
        return f"coroutine of {shown(api, cls.args[2])}" if not isinstance(cls.args[2], Unknown) else "coroutine"
    name = symbols.public(api, cls.fullname) if symbols.is_asyncio(cls.file.name) else None
    if name is None:
        name = (
            cls.qualname
            if cls.file.name in {"builtins", "typing", "collections.abc"} or not cls.file.is_stub or cls.file.is_summary
            else cls.fullname
        )
    if not cls.args or all(isinstance(arg, Unknown) for arg in cls.args):
        return name
    known = max(index for index, arg in enumerate(cls.args) if not isinstance(arg, Unknown)) + 1
    return f"{name}[{', '.join(shown(api, arg) for arg in cls.args[:known])}]"
