"""A cached coroutine can be awaited only once: the second caller gets a coroutine that has already run.

``functools.cache``, ``lru_cache`` and ``cached_property`` store the function's return value.  An ``async def`` returns
a coroutine, not its result, and the second ``await`` of it raises
``RuntimeError: cannot reuse already awaited coroutine``.

Cache the result, or a task, which can be awaited many times.  A cache that supports coroutine functions does it for
you (``async_lru.alru_cache``, ``aiocache.cached``).  A plain function that caches the task it starts is correct and not
reported: ``@cache def page(url): return asyncio.create_task(fetch(url))``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import argument, defined, makes_coroutine
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import is_generator, plain_function
from loopwise.syntax import Node, field, first_of, is_async, span_of, text_of
from loopwise.writing import replace

_CACHES = names("functools.cache functools.lru_cache functools.cached_property")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "call":
        yield from _wrapped(node, unit)
        return
    expression = first_of(node)
    callee = field(expression, "function") if expression is not None and expression.type == "call" else expression
    function = field(node.parent, "definition") if node.parent is not None else None
    if expression is None or callee is None or function is None or function.type != "function_definition":
        return
    last = text_of(callee).rpartition(".")[2]
    if unit.aliases.get(last, last) not in _CACHES.last or unit.name(callee) not in _CACHES.full:
        return
    what = _what(unit, function)
    if what:
        cache = expression
        message = f"Cache returns the {what} of the first call, which can be used only once"
        yield Finding(span_of(expression), message, lambda: tuple(_fixes(unit, cache)))


def _what(unit: Unit, function: Node) -> str:
    """The kind of a function's result, if it can be used only once."""
    if is_async(function):
        return "generator" if is_generator(function) else "coroutine"
    plain = plain_function(unit.file, function)
    return "coroutine" if unit.is_coroutine(unit.ev.called(plain)) else ""


def _wrapped(call: Node, unit: Unit) -> Iterator[Finding]:
    """``cached = functools.lru_cache(fetch)``."""
    given = argument(call, 0)
    if given is None or given.type not in {"identifier", "attribute"} or not unit.call_in(call, _CACHES):
        return
    if makes_coroutine(unit, given):
        message = "Cache returns the coroutine of the first call, which can be used only once"
        yield Finding(span_of(given), message, related=defined(unit, given))


def _fixes(unit: Unit, cache: Node) -> Iterator[Fix]:
    """Use ``alru_cache``, which takes the same arguments, if the project has it."""
    callee = field(cache, "function") if cache.type == "call" else cache
    last = text_of(callee).rpartition(".")[2] if callee is not None else ""
    kept = unit.aliases.get(last, last)
    if callee is None or kept == "cached_property":
        return
    title = "Cache the results with alru_cache"
    if unit.ev.modules.load("async_lru") is None:
        yield Fix(title, (), refused="The package async-lru is not installed")
        return
    written = unit.imported(cache, "async_lru", "alru_cache")
    # functools.cache has no limit; the default of alru_cache is 128.
    whole = f"{written.text}(maxsize=None)" if kept == "cache" else written.text
    yield Fix(title, (*written.edits, replace(callee, whole)), safe=False)


RULE = Rule(
    code="LW115",
    name="cached-coroutine",
    severity=Severity.WARNING,
    nodes=("decorator", "call"),
    check=check,
    triggers=_CACHES.last,
    **page(__doc__),
    cards=("coro",),
    examples=(
        Example(
            bad="""\
import functools

@functools.lru_cache(maxsize=32)
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
async def fetch(url): ...
""",
            fixed=(
                """\
import functools

import async_lru

@async_lru.alru_cache(maxsize=32)
async def fetch(url): ...
""",
            ),
            files={"async_lru.py": "def alru_cache(maxsize=128): ...\n"},
        ),
        Example(
            good="""\
import asyncio
import functools

async def fetch(url): ...

@functools.cache
def page(url):
    return asyncio.create_task(fetch(url))
"""
        ),
    ),
)
