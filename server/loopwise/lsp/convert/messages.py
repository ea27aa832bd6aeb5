"""Parses a client's messages into the protocol's types, leniently.

The types are strict: one unknown enumeration value in another server's diagnostic makes a whole request unreadable. So
a field that cannot be read is left out if it is optional, and the rest of the message is kept.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import GenericAlias
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import AttributeValidationNote, ClassValidationError, IterableValidationError, IterableValidationNote
from lsprotocol import types

Step = tuple[type, "str | int"]
"""An attribute of a class or an index of a list, with the type that holds it."""

# A message with more odd fields than this, each hidden behind the one before, is taken for unreadable.
_ROUNDS = 20
# An unreadable entry costs 0.15 ms: if so many in a row are unreadable, the rest is not looked at.
_LONG = 100
# What stands for a needed field that clients are known to leave out or send as null: `version` was optional up to
# LSP 3.15, `name` is left out by clients that have one folder.
_STAND_INS: Mapping[tuple[type, str], Any] = {
    (types.InitializeRequest, "params"): {"capabilities": {}},
    (types.InitializeParams, "capabilities"): {},
    (types.InitializedNotification, "params"): {},
    (types.WorkspaceFolder, "name"): "",
    (types.TextDocumentItem, "version"): 0,
    (types.TextDocumentItem, "language_id"): "python",
    (types.VersionedTextDocumentIdentifier, "version"): 0,
    (types.VersionedNotebookDocumentIdentifier, "version"): 0,
    (types.CodeActionContext, "diagnostics"): [],
    (types.CompletionContext, "trigger_kind"): 1,
    (types.SignatureHelpContext, "trigger_kind"): 1,
    (types.SignatureHelpContext, "is_retrigger"): False,
    (types.WorkspaceDiagnosticParams, "previous_result_ids"): [],
    (types.DidChangeConfigurationParams, "settings"): {},
}
# Lists of edits: without one of its entries such a list means something else.
_WHOLE = frozenset({"content_changes", "changes", "text_content", "cells", "cell_text_documents"})
_GONE = object()


class UnreadableError(Exception):
    """A message with an unreadable required field; the text names the field."""


def structured(converter: Converter, message: Mapping[str, Any], kind: type) -> Any:
    """The message as a value of ``kind``; raises ``UnreadableError`` if a required field cannot be read."""
    left: Any = message
    for round_ in range(_ROUNDS):
        try:
            return converter.structure(left, kind)
        except ClassValidationError as error:
            left = copy.deepcopy(left) if round_ == 0 else left
            places = list(_places(error))
            if not any([_without(left, steps) for steps, _ in places]):
                raise UnreadableError(_said(*places[0])) from error
            left = _purged(left)
        except Exception as error:
            raise UnreadableError(str(error)) from error
    raise UnreadableError("too many fields cannot be read")


def only_lists(converter: Converter) -> None:
    """Have the converter read lists only from lists; it would take a string for the list of its characters."""
    converter.register_structure_hook_factory(_is_list, lambda kind: _list_reader(converter, kind))


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is Sequence and bool(get_args(kind))


def _list_reader(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    as_tuple: Any = GenericAlias(tuple, (*get_args(kind), ...))

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError("it is not a list")
        if len(value) > _LONG and unreadable(value[:_LONG]) == _LONG:
            raise TypeError("none of its entries can be read")
        return converter.structure(value, as_tuple)

    def unreadable(value: list[Any]) -> int:
        try:
            converter.structure(value, as_tuple)
        except IterableValidationError as error:
            return len(error.exceptions)
        return 0

    return read


def _places(error: BaseException, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], BaseException]]:
    """Each place where a message cannot be read, with the reason."""
    if not isinstance(error, (ClassValidationError, IterableValidationError)):
        yield steps, error
        return
    for inner in error.exceptions:
        notes = [_step(error.cl, note) for note in getattr(inner, "__notes__", ())]
        step = next((step for step in notes if step is not None), _validated(error.cl, inner))
        yield from _places(inner, (*steps, step) if step is not None else steps)


def _step(owner: type, note: object) -> Step | None:
    if isinstance(note, AttributeValidationNote):
        return owner, note.name
    return (owner, note.index) if isinstance(note, IterableValidationNote) and isinstance(note.index, int) else None


def _validated(owner: type, error: BaseException) -> Step | None:
    """The attribute that a validator of the types rejected; its text is ``Position.character should be in range …``."""
    found = re.match(rf"{owner.__name__}\.(\w+) ", str(error)) if attrs.has(owner) else None
    return (owner, found[1]) if found is not None else None


def _without(message: Any, steps: tuple[Step, ...]) -> bool:
    """Remove the innermost optional part that contains a place; false if every part is required."""
    for end in range(len(steps), 0, -1):
        owner, name = steps[end - 1]
        holder = _value(message, steps[: end - 1])
        if holder is _GONE:
            return True  # left out with what held it
        if isinstance(name, int):
            if isinstance(holder, list) and steps[end - 2][1] not in _WHOLE:
                holder[name] = _GONE
                return True
        elif isinstance(holder, dict) and _replaced(holder, owner, name):
            return True
    return False


def _replaced(holder: dict[str, Any], owner: type, name: str) -> bool:
    """Remove an attribute that is null or optional, or put a substitute in its place."""
    key = _key(name)
    if (owner, name) in _STAND_INS:
        stand_in = copy.deepcopy(_STAND_INS[owner, name])
        changed = key not in holder or holder[key] != stand_in
        holder[key] = stand_in
        return changed
    if key not in holder:
        return False
    if holder[key] is None or attrs.fields_dict(owner)[name].default is not attrs.NOTHING:
        del holder[key]
        return True
    return False


def _value(message: Any, steps: tuple[Step, ...]) -> Any:
    """The value at a place; ``_GONE`` if it has been removed, ``None`` if it never was there."""
    for _, name in steps:
        if isinstance(name, int):
            message = message[name] if isinstance(message, list) and name < len(message) else None
        else:
            message = message.get(_key(name)) if isinstance(message, dict) else None
        if message is _GONE or message is None:
            return message
    return message


def _purged(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _purged(each) for key, each in value.items()}
    return [_purged(each) for each in value if each is not _GONE] if isinstance(value, list) else value


def _said(steps: tuple[Step, ...], reason: BaseException) -> str:
    """``params.position.line: …``."""
    where = ".".join(str(name) if isinstance(name, int) else _key(name) for _, name in steps)
    said = "it is missing" if isinstance(reason, KeyError) else str(reason)
    return f"{where}: {said}" if where else said


def _key(name: str) -> str:
    """``text_document`` -> ``textDocument``, as in a message; ``from_`` and the like stand for keywords."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)
