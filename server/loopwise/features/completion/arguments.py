"""Completes arguments: keyword names, and values intended for a parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwise.cards import escaped
from loopwise.features.completion import parameters
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.features.completion.parameters import Parameter
from loopwise.features.completion.place import Place
from loopwise.features.completion.roles import FITS, is_coroutine_function
from loopwise.semantics import symbols
from loopwise.semantics.infer import Function, Literal, each
from loopwise.syntax import Node, field, parts_of, text_of
from loopwise.text import Edit
from loopwise.writing import importing

_STREAMS = ("subprocess.PIPE", "subprocess.DEVNULL")
# By parameter of asyncio's functions: what their types (str, int, Callable) do not tell.  Best first.
_VALUES: dict[str, tuple[str, ...]] = {
    "return_when": ("FIRST_COMPLETED", "ALL_COMPLETED", "FIRST_EXCEPTION"),
    "stdin": _STREAMS,
    "stdout": _STREAMS,
    "stderr": (*_STREAMS, "subprocess.STDOUT"),
    "loop_factory": ("new_event_loop", "SelectorEventLoop", "EventLoop"),
    "factory": ("eager_task_factory",),
}

_BOOLEANS = frozenset({"True", "False"})


def items(place: Place) -> Iterator[Item]:
    """The possible arguments, apart from the names in scope."""
    if place.owner is not None:
        return
    yield from _values(place)
    call = _call_around(place)
    if call is not None:
        yield from _keywords(place, call)


def _values(place: Place) -> Iterator[Item]:
    seen: set[str] = set()
    for parameter in place.parameters:
        for text, symbol in _choices(place, parameter):
            if text in seen:
                continue
            seen.add(text)
            edits: tuple[Edit, ...] = ()
            label = text
            if symbol is not None:
                written = importing(place.view.file, place.typed.span.start, *_parts(symbol))
                label, edits = written.text, written.edits
                if symbol.count(".") > 1:
                    label += "." + symbol.rpartition(".")[2]
            yield Item(
                label,
                ItemKind.CONSTANT,
                escaped(label),
                place.typed.span,
                snippet=True,
                edits=edits,
                filter=label.removeprefix("asyncio.") if symbol is not None else label,
                symbol=symbol,
                tier=Tier.FITS,
                score=100.0 - len(seen),
            )


def made_for(place: Place) -> frozenset[str]:
    """The last parts of the values intended for the current parameter: ``FIRST_COMPLETED``."""
    known = (_choices(place, parameter) for parameter in place.parameters)
    return frozenset(text.rpartition(".")[2] for some in known for text, symbol in some if symbol is not None)


def _parts(symbol: str) -> tuple[str, str]:
    """Split a name into module and member: ``asyncio.subprocess.PIPE`` is in ``asyncio.subprocess``."""
    module, name = symbol.split(".")[:2]
    return module, name


def _choices(place: Place, parameter: Parameter) -> Iterator[tuple[str, str | None]]:
    """The text of each value, and its public name if it has one."""
    name = parameter.binding.name
    if symbols.is_asyncio(parameter.function.file.name):
        for known in _VALUES.get(name, ()):
            facts = place.view.api.facts(f"asyncio.{known}")
            if facts is None or facts.available(place.view.target.ceiling):
                yield known, f"asyncio.{known}"
    for member in each(parameters.annotated(place.view, parameter)):
        is_bool = getattr(getattr(member, "cls", None), "fullname", "") == "builtins.bool"
        if is_bool or (isinstance(member, Literal) and _BOOLEANS.issuperset(member.choices)):
            yield from ((text, None) for text in _booleans(parameter))
        elif isinstance(member, Literal):
            yield from ((choice, None) for choice in member.choices)


def _booleans(parameter: Parameter) -> tuple[str, str]:
    """Both, the non-default first: overloads that accept only one of them (``gather``) show no more."""
    default = parameter.binding.value
    usual = parameter.node.text or b""
    is_true = default is not None and usual[default.start : default.end] == b"True"
    return ("False", "True") if is_true else ("True", "False")


def _call_around(place: Place) -> Node | None:
    """The call in which the cursor starts an argument, or is in the name of one."""
    index = len(place.path) - 2
    if place.path[index].type == "keyword_argument" and field(place.path[index], "name") == place.typed.node:
        index -= 1
    elif place.path[index].type == "keyword_argument":
        return None
    if index < 1 or place.path[index].type != "argument_list":
        return None
    call = place.path[index - 1]
    return call if call.type == "call" else None


def _keywords(place: Place, call: Node) -> Iterator[Item]:
    """The real names of the keyword parameters without an argument, for calls that Loopwise knows."""
    arguments = field(call, "arguments")
    given = {text_of(word) for n in parts_of(arguments) if (word := field(n, "name"))} if arguments else set()
    before = [n for n in parts_of(arguments) if n.end_byte <= place.typed.span.start] if arguments else []
    splat = any(n.type == "list_splat" for n in before)
    positional = sum(n.type not in {"keyword_argument", "comment"} for n in before)
    seen: set[str] = set()
    for function in parameters.functions_of(place.view, call):
        for rank, (name, required) in enumerate(_keyword_names(place, function, positional)):
            if name not in given and name not in seen:
                seen.add(name)
                yield _keyword(place, function, name, required=required, rank=rank - 25 * splat, first=positional == 0)


def _keyword(place: Place, function: Function, name: str, *, required: bool, rank: int, first: bool) -> Item:
    text = name if place.typed.rest.startswith(b"=") else f"{name}="
    return Item(
        f"{name}=",
        ItemKind.PARAMETER,
        text,
        place.typed.span,
        origin=function.qualname.rpartition(".")[2],
        filter=name,
        symbol=symbols.name_of(place.view.api, function),
        # After the first argument most people go on with a keyword, unless they owe the function that comes next.
        tier=Tier.LEADS if first or (required and place.wants in FITS) else Tier.FITS,
        score=(30.0 if required else 14.0) - rank,
    )


def _keyword_names(place: Place, function: Function, positional: int) -> list[tuple[str, bool]]:
    """The parameters that can be passed by name and have no argument yet, and whether they are required."""
    symbol = symbols.name_of(place.view.api, function)
    if symbol is not None:
        facts = place.view.api.facts(symbol if function.owner is None else symbol.removesuffix(".__init__"))
        signature = facts.signature(place.view.target.ceiling) if facts is not None else None
        if signature is not None:
            return _in_signature(signature, positional)
    if symbols.is_asyncio(function.file.name) or is_coroutine_function(place.ev, function):
        return _in_definition(place, function, positional)
    return []


def _in_signature(signature: str, positional: int) -> list[tuple[str, bool]]:
    try:
        tree = ast.parse(f"def f{signature}: ...")
    except SyntaxError:
        return []
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    arguments = definition.args
    taken = max(positional - len(arguments.posonlyargs), 0)
    first_default = len(arguments.args) - len(arguments.defaults)
    names = [(a.arg, i < first_default) for i, a in enumerate(arguments.args)][taken:]
    if arguments.vararg is not None and taken > len(arguments.args):
        names = []
    return names + [(a.arg, d is None) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]


def _in_definition(place: Place, function: Function, positional: int) -> list[tuple[str, bool]]:
    node = function.nodes[0]
    listed = field(node, "parameters")
    separator = next((n for n in parts_of(listed) if n.type == "positional_separator"), None) if listed else None
    found = []
    for parameter in parameters.of_function(place.view, function):
        binding = parameter.binding
        by_position = not binding.keyword_only and not binding.splat
        if by_position and positional > 0:
            positional -= 1
            continue
        only_position = separator is not None and binding.at.end + node.start_byte <= separator.start_byte
        if not binding.splat and not only_position and not binding.name.startswith("__"):
            found.append((binding.name, binding.value is None))
    return found
