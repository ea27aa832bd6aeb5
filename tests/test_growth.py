"""Work grows with the text: each shape of code twice as large costs twice as much, counted in calls, not in time.

Shapes are those that were quadratic once, and those that a rule's own loop over statements would make so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from effort import steps
from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.selection import selection_for
from loopwise.project import Document, Workspace
from loopwise.text import Source

MOST = 1.15  # of the exponent: 1.2 for texts half as large again
SIZE = 40
# A chain is followed up to a length: from there on one is as long as another.
SIZES = {"a chain of names": 60}
HEAD = "import asyncio\nimport time\n\n"


def function(*lines: str) -> str:
    return f"{HEAD}async def f(x, y, self):\n" + "".join(f"    {line}\n" for line in lines)


def each(count: int, *templates: str) -> list[str]:
    """Repeat the templates ``count`` times, with a number in place of ``@``."""
    return [template.replace("@", str(number)) for number in range(count) for template in templates]


# A statement or a few of one function, repeated; `@` is a number of its own.
REPEATED: Mapping[str, tuple[str, ...]] = {
    "tasks": ("t@ = asyncio.create_task(asyncio.sleep(@))",),
    "tasks that are lost": ("asyncio.create_task(asyncio.sleep(@))",),
    "tasks under one name": ("t = asyncio.create_task(asyncio.sleep(@))",),
    "coroutines that are lost": ("c@ = asyncio.sleep(@)",),
    "coroutines under one name": ("c = asyncio.sleep(@)",),
    "coroutines that are dropped": ("asyncio.sleep(@)",),
    "coroutines that are awaited twice": ("c@ = asyncio.sleep(@)", "await c@", "await c@"),
    "awaits": ("await asyncio.sleep(@)",),
    "awaits with a timeout": ("await asyncio.wait_for(asyncio.sleep(@), 1)",),
    "gathers": ("r@ = await asyncio.gather(asyncio.sleep(@), asyncio.sleep(1))",),
    "calls that block": ("time.sleep(@)",),
    "branches that assign": ("if x == @:", "    v = asyncio.sleep(@)"),
    "branches that ask of classes": ("if isinstance(x, int):", "    await asyncio.sleep(@)"),
    "branches that leave": ("if x is None:", "    return", "await x.a@()"),
    "asserts": ("assert x is not None", "await x.a@()"),
    "loops": ("for i@ in range(3):", "    await asyncio.sleep(@)"),
    "loops without a pause": ("while x:", "    y = @"),
    "loops over awaitables": ("async for i@ in x:", "    await i@"),
    "tries": ("try:", "    await asyncio.sleep(@)", "except asyncio.CancelledError:", "    raise"),
    "tries that swallow": ("try:", "    await asyncio.sleep(@)", "except BaseException:", "    pass"),
    "tries with a finally": ("try:", "    await asyncio.sleep(@)", "finally:", "    await x.close()"),
    "groups": ("async with asyncio.TaskGroup() as g@:", "    g@.create_task(asyncio.sleep(@))"),
    "timeouts": ("async with asyncio.timeout(@):", "    await asyncio.sleep(@)"),
    "locks": ("l@ = asyncio.Lock()", "await l@.acquire()", "l@.release()"),
    "locks that are entered": ("async with self.l@:", "    await asyncio.sleep(@)"),
    "queues": ("q@ = asyncio.Queue()", "await q@.put(@)", "await q@.get()"),
    "futures": ("f@ = asyncio.get_running_loop().create_future()", "f@.set_result(@)"),
    "streams": ("r@, w@ = await asyncio.open_connection('h', @)", "w@.write(b'')"),
    "callbacks": ("asyncio.get_running_loop().call_soon(x, @)",),
    "functions in it": ("async def g@():", "    await asyncio.sleep(@)", "g@()"),
    "lambdas": ("h@ = lambda: asyncio.sleep(@)",),
    "comprehensions": ("r@ = [await asyncio.sleep(i) for i in range(@)]",),
    "lists that are filled": ("v.append(asyncio.sleep(@))",),
    "items that are set": ("v[@] = asyncio.sleep(@)",),
    "attributes that are set": ("self.a@ = asyncio.create_task(asyncio.sleep(@))",),
    "matches": ("match x:", "    case @:", "        await asyncio.sleep(@)"),
    "threads": ("await asyncio.to_thread(time.sleep, @)",),
    "files": ("with open('x@') as h@:", "    h@.read()"),
    "globals": ("global g@", "g@ = asyncio.sleep(@)"),
    "deletions": ("d@ = asyncio.Queue()", "del d@"),
    "comments with directives": ("time.sleep(@)  # noqa: ASYNC251",),
    "strings": ("s@ = 'x' * @",),
    "conditions": ("c@ = asyncio.sleep(@) if x else None",),
    "walrus": ("if (w@ := x.a@()):", "    await w@"),
    "starred": ("await asyncio.gather(*[asyncio.sleep(@) for _ in x])",),
    "shields": ("await asyncio.shield(asyncio.sleep(@))",),
    "waits": ("d@, p@ = await asyncio.wait([x])",),
    "runs": ("asyncio.run(asyncio.sleep(@))",),
}
OTHERS: Mapping[str, Callable[[int], str]] = {
    "one if with many branches": lambda n: function(
        "if x == -1:", "    pass", *each(n, "elif x == @:", "    v = asyncio.sleep(@)"), "await v"
    ),
    "a chain of names": lambda n: function(
        "v0 = asyncio.Queue()", *(f"v{i} = v{i - 1}" for i in range(1, n)), f"await v{n - 1}.get()"
    ),
    "a loop of assignments": lambda n: function(
        "while x:", *(f"    v{i} = v{(i + 1) % n} = await asyncio.sleep({i})" for i in range(n))
    ),
    "attributes of self": lambda n: "\n".join(
        [
            f"{HEAD}class A:\n    def __init__(self):",
            *each(n, "        self.a@ = asyncio.Queue()"),
            "    async def run(self):",
            *each(n, "        await self.a@.get()"),
        ]
    ),
    "methods": lambda n: "\n".join(
        [f"{HEAD}class A:", *each(n, "    async def m@(self):", "        self.m@()", "        time.sleep(@)")]
    ),
    "functions": lambda n: HEAD + "\n".join(each(n, "async def f@():", "    await asyncio.sleep(@)")),
    "functions that block": lambda n: (
        HEAD
        + "\n".join(
            each(n, "def b@():", "    time.sleep(@)", "async def f@():", "    b@()"),
        )
    ),
    "functions that call the one before": lambda n: (
        HEAD + "".join(f"async def f{i}():\n    await f{max(i - 1, 0)}()\n" for i in range(n))
    ),
    "plain functions that call the one before": lambda n: (
        HEAD
        + "".join(f"def b{i}():\n    {f'b{i - 1}()' if i else 'time.sleep(1)'}\n" for i in range(n))
        + f"async def f():\n    b{n - 1}()\n"
    ),
    "classes": lambda n: (
        HEAD + "\n".join(each(n, "class C@:", "    async def __aenter__(self):", "        return self"))
    ),
    "an open bracket above functions": lambda n: (
        f"{HEAD}x = foo(\n" + "\n".join(each(n, "async def f@():", "    await asyncio.sleep(@)"))
    ),
    "imports": lambda n: "\n".join(each(n, "import asyncio as a@", "a@.sleep(1)")),
    "a dictionary of coroutines": lambda n: function("v = {", *each(n, "    @: asyncio.sleep(@),"), "}"),
    "arguments": lambda n: function("await asyncio.gather(", *each(n, "    asyncio.sleep(@),"), ")"),
}
SHAPES = {
    **{name: lambda n, lines=lines: function("v = []", *each(n, *lines)) for name, lines in REPEATED.items()},
    **OTHERS,
}


def calls(text: str) -> int:
    """Count the function calls while all rules check a text, functions written in C included."""
    workspace = Workspace([Path("no") / "such"])
    document = Document("untitled:shape", 1, None, Source.of(text))
    workspace.open(document)
    view, selection = workspace.view(document), selection_for(workspace.root(None), None)
    return steps(lambda: analyse(view, selection, None))


@pytest.mark.parametrize("name", SHAPES)
def test_work_grows_with_the_text(name: str) -> None:
    shape = SHAPES[name]
    calls(shape(3))  # stubs, patterns and the like are read by now
    size = SIZES.get(name, SIZE)
    small, large = calls(shape(size)), calls(shape(2 * size))
    exponent = math.log2(large / small)
    said = f"{name}: {small} calls for {size}, {large} for {2 * size}: exponent {exponent:.2f}"
    assert exponent <= MOST, said


def tangled(count: int) -> str:
    """Functions that all return what the others return, and a question about each of them."""
    lines = ["import asyncio"]
    for one in range(count):
        lines.append(f"def f{one}(x):")
        others = ((other, (one * 7 + other * 3 + 1) % count) for other in range(count))
        lines += [f"    if x == {other}: return f{other}(f{inner}(x).a).b" for other, inner in others]
    return "\n".join([*lines, "async def main():", *each(count, "    await f@(asyncio).c"), ""])


def test_a_question_that_takes_too_much_is_given_up() -> None:
    """The text grows by four; without a limit the work would grow by twelve."""
    calls(tangled(3))
    assert calls(tangled(20)) < 4 * calls(tangled(10))


def nested_in_itself(count: int) -> str:
    """Methods of which each wraps what the others have put on a list."""
    lines = ["import asyncio", "class Machine:", "    def __init__(self):", "        self.stack = []"]
    lines += each(count, "    def m@(self):", "        self.stack[-1] = (self.stack[-1], self.stack[-@])")
    return "\n".join([*lines, "    async def run(self):", "        self.stack[-1]()", ""])


def test_a_value_that_contains_itself_is_given_up() -> None:
    """As in ``pickle.py``: without a limit each method doubles the value, and the work grows by 300."""
    calls(nested_in_itself(2))
    assert calls(nested_in_itself(10)) < 8 * calls(nested_in_itself(4))


def test_a_name_that_is_annotated_with_itself_is_looked_up_once() -> None:
    """As in SQLAlchemy: each lookup parsed the quoted name anew, until the recursion limit."""

    def annotated(name: str) -> str:
        return f'{HEAD}class A:\n    registry: "{name}"\n\n    async def f(self):\n        self.registry.g() + 1\n'

    calls(annotated("A"))
    assert calls(annotated("registry")) < 2 * calls(annotated("A"))
