"""Counts the uses of names around the cursor: what a file awaits, enters or starts once, it probably will again.

A use is also evidence where inference fails: ``await session.get(`` shows that ``session.get`` can be awaited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from loopwise.features.completion.candidates import kept
from loopwise.features.completion.place import Place, Wants

RECEIVERS = frozenset({"self", "cls", "this"})
_WINDOW = 64 * 1024  # bytes around the cursor in which uses are counted
_NAME = rb"(?P<name>(?:\w+\.){0,3}[A-Za-z_]\w*)(?P<called>[ \t]*\()?"
# Matched as text, because the file need not parse and each keystroke asks anew.
_AWAITED = re.compile(rb"\bawait[ \t]+\(?" + _NAME)
_ENTERED = re.compile(rb"\basync[ \t]+with[ \t]+\(?\s*" + _NAME)
_ITERATED = re.compile(rb"\basync[ \t]+for\b[^\n:]*?\bin[ \t]+" + _NAME)
_STARTED = re.compile(
    rb"\b(?:create_task|ensure_future|gather|shield|wait_for|run_until_complete|start_soon|run_coroutine_threadsafe"
    rb"|asyncio\.run|is(?:awaitable|coroutine|future))\(\s*\*?\[?\s*" + _NAME
)
_CALLED_BACK = re.compile(
    rb"\b(?:(?:to_thread|call_soon|call_soon_threadsafe|add_done_callback)\(\s*"
    rb"|(?:call_later|call_at|run_in_executor|add_signal_handler|add_reader|add_writer)\([^,()]*,\s*)" + _NAME
)
# A name that was started as a task is weaker evidence for ``await``, and the reverse: hence one half.
_EVIDENCE = {
    Wants.AWAITABLE: ((_AWAITED, 1.0), (_STARTED, 0.5)),
    Wants.COROUTINE: ((_STARTED, 1.0), (_AWAITED, 0.5)),
    Wants.ASYNC_CONTEXT: ((_ENTERED, 1.0),),
    Wants.ASYNC_ITERABLE: ((_ITERATED, 1.0),),
    Wants.FUNCTION: ((_CALLED_BACK, 1.0),),
}


class Uses(msgspec.Struct, frozen=True):
    """Counts of dotted names in places like the one at the cursor."""

    counts: Mapping[str, float]
    called: frozenset[str]
    """The names that are called there."""

    def __getitem__(self, name: str) -> float:
        return self.counts.get(name, 0.0)


def used_names(place: Place) -> Uses:
    """The uses near the cursor; for ``self.x``, only those in the enclosing class."""
    at = place.typed.span.start
    unit = next((node for node in place.path if node.type == "function_definition"), None)
    start, end = (unit.start_byte, unit.end_byte) if unit is not None else (at, at)
    own = _class_around(place)
    inside = _counted(place, own, (start, end))
    bounds = ((start - _WINDOW, start), (end, end + _WINDOW))
    outside = kept(place, ("uses", own), lambda: _counted(place, own, *bounds))
    names = inside.counts.keys() | outside.counts.keys()
    return Uses({name: inside[name] + outside[name] for name in names}, inside.called | outside.called)


def _class_around(place: Place) -> tuple[int, int] | None:
    found = next((node for node in reversed(place.path) if node.type == "class_definition"), None)
    return (found.start_byte, found.end_byte) if found is not None else None


def _counted(place: Place, own: tuple[int, int] | None, *bounds: tuple[int, int]) -> Uses:
    counts: dict[str, float] = {}
    called: set[str] = set()
    for start, end in bounds:
        for name, weight, is_called in _found(place, own, max(start, 0), end):
            counts[name] = counts.get(name, 0.0) + weight
            if is_called:
                called.add(name)
    return Uses(counts, frozenset(called))


def _found(place: Place, own: tuple[int, int] | None, start: int, end: int) -> Iterator[tuple[str, float, bool]]:
    data, at = place.view.file.source.data, place.typed.span.start
    for pattern, weight in _EVIDENCE.get(place.wants, ()):
        for match in pattern.finditer(data, start, min(end, len(data))):
            if match.start("name") <= at <= match.end("name"):
                continue  # what is being typed
            name = match["name"].decode("utf-8", "replace")
            if name.partition(".")[0] in RECEIVERS and (own is None or not own[0] <= match.start() < own[1]):
                continue
            yield name, weight, match["called"] is not None
