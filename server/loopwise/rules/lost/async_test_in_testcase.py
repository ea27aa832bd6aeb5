"""A coroutine function used as a test of a plain ``TestCase`` never runs, and passes.

``unittest.TestCase`` calls a test and discards its result.  An ``async def`` returns a coroutine, so nothing in the
test runs; Python only warns.  pytest treats such a class in the same way, even with ``pytest-asyncio``.

Derive the class from ``unittest.IsolatedAsyncioTestCase``, which runs each test on an event loop.  There too, ``setUp``
and ``tearDown`` are called as plain functions; code that waits belongs in ``asyncSetUp`` and ``asyncTearDown``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from loopwise.analysis.asyncio import is_replaced
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, each, inheritance, is_generator
from loopwise.syntax import Node, decorators_of, field, is_async, parts_of, span_of, text_of
from loopwise.writing import replace

_PLAIN = "unittest.case.TestCase"
_ASYNC = "unittest.async_case.IsolatedAsyncioTestCase"
_FIXTURES: Mapping[str, str] = MappingProxyType(
    {"setUp": "asyncSetUp", "tearDown": "asyncTearDown", "setUpClass": "", "tearDownClass": ""}
)
# Decorators of unittest and its mocks that leave a coroutine function as it is.
_KEEP = frozenset("patch object dict multiple skip skipIf skipUnless expectedFailure classmethod".split())
# A class that has one of these may run its tests in its own way.
_RUNNERS = ("run", "__call__", "_callTestMethod", "__init__", "__getattribute__", "__init_subclass__", "debug")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = field(node, "name")
    if name is None or not is_async(node) or not (text_of(name).startswith("test") or text_of(name) in _FIXTURES):
        return
    owner = unit.owner(node)
    if owner is None or is_generator(node) or is_replaced(unit, name) or not _KEEP.issuperset(unit.decorators(node)):
        return
    order = inheritance.mro(unit.ev, owner)
    bases = {base.fullname for base in order}
    is_fixture = text_of(name) in _FIXTURES
    # IsolatedAsyncioTestCase awaits tests, but calls ``setUp`` and ``tearDown`` without awaiting them.
    if _PLAIN not in bases or (_ASYNC in bases and not is_fixture) or not all(_is_plain(unit, base) for base in order):
        return
    method, isolated = node, _ASYNC in bases
    yield Finding(
        span_of(name),
        f"{'Fixture' if is_fixture else 'Test'} '{text_of(name)}' never runs because TestCase does not await it",
        lambda: tuple(_fixes(unit, owner, method, isolated=isolated)),
        tuple(_base_of(unit, owner)) if not isolated else (),
    )


def _is_plain(unit: Unit, cls: ClassObject) -> bool:
    """Is a class fully known: its bases can be read, and nothing in it runs tests in another way?"""
    if cls.file.is_stub:
        return True
    listed = field(cls.node, "superclasses")
    written = parts_of(listed) if listed is not None else []
    if decorators_of(cls.node) or any(node.type == "keyword_argument" for node in written):
        return False
    own = cls.file.table_of(cls.node).by_name
    if any(name in own for name in _RUNNERS):
        return False
    return len(list(inheritance.bases(unit.ev, cls))) >= sum(node.type != "comment" for node in written)


def _bases_in(unit: Unit, owner: ClassObject) -> Iterator[Node]:
    """The bases ``TestCase`` named in the class's own head."""
    listed = field(owner.node, "superclasses")
    for node in parts_of(listed) if listed is not None else ():
        values = each(unit.value(node))
        if values and all(isinstance(value, ClassObject) and value.fullname == _PLAIN for value in values):
            yield node


def _base_of(unit: Unit, owner: ClassObject) -> Iterator[Related]:
    for node in _bases_in(unit, owner):
        yield Related(span_of(node), "The class inherits from a plain TestCase")


def _fixes(unit: Unit, owner: ClassObject, method: Node, *, isolated: bool) -> Iterator[Fix]:
    name = field(method, "name")
    new = _FIXTURES.get(text_of(name), "") if name is not None else ""
    if isolated or new:
        if name is not None and new and isolated:
            yield Fix(f"Rename the method to {new}", (replace(name, new),))
        return
    found = next(_bases_in(unit, owner), None)
    if found is None:
        reason = "The class inherits from TestCase through another class"
        yield Fix("Inherit from IsolatedAsyncioTestCase", (), refused=reason)
        return
    written = unit.imported(owner.node, "unittest", "IsolatedAsyncioTestCase")
    yield Fix("Inherit from IsolatedAsyncioTestCase", (*written.edits, replace(found, written.text)))


RULE = Rule(
    code="LW119",
    name="async-test-in-testcase",
    severity=Severity.ERROR,
    nodes=("function_definition",),
    check=check,
    triggers=frozenset({"async"}),
    **page(__doc__),
    cards=("corof",),
    examples=(
        Example(
            bad="""\
import unittest

class TestShop(unittest.TestCase):
    async def test_price(self):
#             ^^^^^^^^^^
        self.assertEqual(await price(), 3)

async def price():
    return 3
""",
            fixed=(
                """\
import unittest

class TestShop(unittest.IsolatedAsyncioTestCase):
    async def test_price(self):
        self.assertEqual(await price(), 3)

async def price():
    return 3
""",
            ),
        ),
        Example(
            good="""\
from unittest import IsolatedAsyncioTestCase

class TestShop(IsolatedAsyncioTestCase):
    async def asyncSetUp(self): ...

    async def test_price(self): ...
"""
        ),
    ),
)
