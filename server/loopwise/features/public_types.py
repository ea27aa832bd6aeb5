"""Translates typeshed's types into public names: ``_CoroutineLike[_T]`` becomes ``Coroutine[T]``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache

import msgspec

_MOST = 48  # code points; a longer type says less than it hides
_WORDS = {
    "_CoroutineLike": "Coroutine",
    "_TaskCompatibleCoro": "Coroutine",
    "_FutureLike": "Awaitable",
    "_AwaitableLike": "Awaitable",
    "_ConcurrentFuture": "concurrent.futures.Future",
    "_CMSG": "tuple",
    "_EagerTaskFactoryType": "Callable[..., Task]",
    "_ExceptionHandler": "Callable[[AbstractEventLoop, dict], object]",
    "_FT": "Future",
    "_FunctionT": "Callable",
    "_GetAddrInfoResult": "list[tuple]",
    "_ProactorDuplexPipeTransport": "Transport",
    "_ProtocolT": "BaseProtocol",
    "_SSLContext": "SSLContext | bool | None",
    "_ProtocolFactory": "Callable[[], BaseProtocol]",
    "_ClientConnectedCallback": "Callable[[StreamReader, StreamWriter], object]",
    "_ReaduntilBuffer": "bytes",
    "_RetAddress": "Any",
    "_SyncAndAsyncIterator": "Iterator",
    "_TaskFactory": "Callable[..., Task]",
    "_WriteBuffer": "bytearray",
    "_AbstractEventLoopPolicy": "AbstractEventLoopPolicy",
    "_ENV": "Mapping[str, str]",
    "ReadableBuffer": "bytes",
    "WriteableBuffer": "bytearray",
    "FileDescriptorLike": "int",
    "StrOrBytesPath": "str | bytes | PathLike",
    "StrPath": "str | PathLike",
}
_WORD = re.compile(r"\b[A-Za-z_]\w*")
# typeshed's TypeVarTuple and ParamSpec for "the arguments are passed on".
_ANY_ARGUMENTS = re.compile(r"Callable\[(?:\[Unpack\[_Ts\]\]|_P),")
_LITERALS = ((re.compile(r"Literal\[(?:True|False)\]"), "bool"), (re.compile(r"Literal\[\d+\]"), "int"))
_MODULE = re.compile(r"(?<![\w.])[a-z_]+\.(?=[A-Z])")
_VARIABLE = re.compile(r"\b_([A-Z])\d*(?:_co|_contra)?\b")
# A private name or a ParamSpec is left: there is no public way to write the type.
_UNSAID = re.compile(r"\b_\w|\bUnpack\b|\bP\.")


class Typed(msgspec.Struct, frozen=True):
    """One overload: its parameters' types by name, without ``self``, and its result type; all in public names."""

    parameters: dict[str, str]
    result: str


@cache
def read(overload: str) -> Typed:
    """Parse one result of :meth:`Facts.types`; empty if it is not a signature."""
    made = definition(overload)
    if made is None:
        return Typed({}, "")
    spec = made.args
    found = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
    types = {argument.arg: public(ast.unparse(argument.annotation)) for argument in found if argument.annotation}
    return Typed(types, public(ast.unparse(made.returns)) if made.returns is not None else "")


def definition(signature: str) -> ast.FunctionDef | None:
    """A function with this signature (``async (x, *, y=1) -> T``); ``None`` if it cannot be parsed."""
    try:
        (made,) = ast.parse(f"def f{signature.removeprefix('async ')}: ...").body
    except SyntaxError:
        return None
    return made if isinstance(made, ast.FunctionDef) else None


def public(text: str) -> str:
    """A type in public names; empty if it cannot be expressed in them."""
    text = in_public_words(text)
    return "" if _UNSAID.search(text) else joined([text])


def in_public_words(text: str) -> str:
    """A type of any length, with typeshed's private names replaced where a public one is known."""
    text = text.replace("[_TaskT_co]", "").replace("Coroutine[Any, Any, ", "Coroutine[")
    text = _ANY_ARGUMENTS.sub("Callable[...,", text)
    for pattern, plain in _LITERALS:
        text = pattern.sub(plain, text)
    text = _MODULE.sub("", text)
    text = _WORD.sub(lambda word: _WORDS.get(word[0], word[0]), text)
    return _VARIABLE.sub(r"\1", text)


def joined(types: Iterable[str]) -> str:
    """The union of some types, each member once, ``None`` last; empty if that is long or one of them is empty."""
    listed = list(types)
    if not all(listed):
        return ""
    members = dict.fromkeys(member for text in listed for member in _members(text))
    if "None" in members:
        members["None"] = members.pop("None")
    text = " | ".join(members)
    return text if len(text) <= _MOST else ""


def _members(text: str) -> list[str]:
    """The members of a union at top level, outside any brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[(") - (character in "])")
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
