"""Programs that vary one construct in many ways, because that shows the limits of a peer's rule."""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from loopwise.analysis.asyncio import newer, newer_parameters, outdated
from loopwise.cards import blocking_table, load_api

Program = tuple[str, str]
"""A name and a text."""

BLOCKING = frozenset(
    f"blocking-{name}" for name in "open path http http-client subprocess process-wait input sleep file-method".split()
)
PAGE = Path(__file__).with_name("programs.md")
TESTS = Path(__file__).parents[3] / "tests"


def programs() -> Iterator[Program]:
    """All programs except those that need other files."""
    yield from single_file_examples()
    yield from generated()


def generated() -> Iterator[Program]:
    """The programs with variations of one construct."""
    for make in (
        literal, functions, methods, coroutines, handlers, aliases, loops, withs, outside, managers, iterables, unused, dated, consumers, outdated_names,
    ):  # fmt: skip
        yield from make()


def single_file_examples() -> Iterator[Program]:
    """The single-file cases of all rules."""
    sys.path.insert(0, str(TESTS))
    from rule_cases import all_cases  # Of the tests, which are no package.

    for number, case in enumerate(all_cases()[0]):
        if not [name for name in case.files if name.endswith(".py")]:
            yield f"{case.rule.name.replace('-', '_')}_{number}", case.code


def literal() -> Iterator[Program]:
    """The programs of the page."""
    for number, found in enumerate(re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text("utf-8"))):
        yield f"literal_{number}", found


# Calls that block


def _module_of(name: str) -> str:
    """The module in a dotted name: the longest prefix that can be imported, else the part before a class."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:count])
        if not parts[count - 1][:1].isupper() and _is_installed(module):
            return module
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return ".".join(parts[: max(first, 1)])


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _names(depth: int) -> Iterator[tuple[str, list[str]]]:
    """The module of each blocking call, and up to ``depth`` names below it."""
    for name, calls in sorted(blocking_table().exact.items()):
        if calls.rule in BLOCKING and calls.long != "never":
            module = _module_of(name)
            rest = name[len(module) + 1 :].split(".")
            if len(rest) == depth:
                yield module, rest


def functions() -> Iterator[Program]:
    """Functions called by their full names, by aliases and by local names."""
    found = list(_names(1))
    forms = {
        "full": ("import {module}", "{module}.{name}"),
        "from": ("from {module} import {name} as f{i}", "f{i}"),
        "alias": ("import {module} as m{i}", "m{i}.{name}"),
    }
    for form, (head, call) in forms.items():
        heads: dict[str, None] = {"import os": None}
        bodies = []
        for i, (module, (name,)) in enumerate(found):
            plain = module == "builtins"
            said = name if plain else call.format(module=module, name=name, i=i)
            if not plain:
                heads[head.format(module=module, name=name, i=i)] = None
            modes = ("os.P_WAIT, x", "os.P_NOWAIT, x") if name.startswith("spawn") else ("x",)
            bodies += [_calls(f"{form}{i}_{j}", f"{said}({mode})", form) for j, mode in enumerate(modes)]
        yield f"functions_{form}", "\n".join(heads) + "\n\n" + "\n".join(bodies)


def _calls(number: str, call: str, form: str) -> str:
    """Functions that make a call: one for each possible place, in the full form."""
    if form != "full":
        return f"async def f_{number}(x):\n    return print({call})\n"
    return (
        f"async def f_{number}(x):\n    {call}\n    with {call} as y:\n        return [{call} for _ in y]\n\n"
        f"class C_{number}:\n    def plain(self, x):\n        return {call}\n"
    )


def methods() -> Iterator[Program]:
    """Methods of objects that are known in each way that a linter supports."""
    found = list(_names(2))
    forms = {
        "call": "async def f{i}(y):\n    {made}.{name}()\n    return print({made}.{name}())\n",
        "local": "async def f{i}(y):\n    v = {made}\n    v.{name}()\n    if y:\n        return print(v.{name}())\n",
        "parameter": "async def f{i}(v: {cls}):\n    v.{name}()\n    if v:\n        return print(v.{name}())\n",
        "optional": "async def f{i}(v: {cls} | None):\n    v.{name}()\n",
        "with": "async def f{i}(y):\n    with {made} as v:\n        v.{name}()\n",
        "global": "v{i} = {cls}(1)\n\nasync def f{i}(y):\n    v{i}.{name}()\n",
        "attribute": "class C{i}x:\n    def __init__(self, y):\n        self.v = {made}\n\n"
        "    async def f(self, y):\n        self.v.{name}()\n",
        "closure": "def o{i}(y):\n    v = {made}\n\n    async def f():\n        v.{name}()\n\n    return f\n",
        "again": "async def f{i}(y):\n    v = {made}\n    v.{name}()\n    v = {made}\n    v.{name}()\n",
        "annotation": "async def f{i}(y):\n    v: {cls} = {made}\n    v.{name}()\n",
        "two": "async def f{i}(y):\n    v = w = {made}\n    v.{name}()\n    with {made} as q, {made} as r:\n"
        "        q.{name}()\n        r.{name}()\n",
        "later": "async def f{i}(y):\n    if y:\n        v = {made}\n    else:\n        return\n    v.{name}()\n",
    }
    for (form, template), alias in itertools.product(forms.items(), (False, True)):
        if alias and form not in {"call", "local", "parameter", "with", "global", "annotation"}:
            continue
        heads: dict[str, None] = {}
        bodies = []
        for i, (module, (cls, name)) in enumerate(found):
            whole = cls if module == "builtins" else f"C{i}" if alias else f"{module}.{cls}"
            if module != "builtins":
                heads[f"from {module} import {cls} as C{i}" if alias else f"import {module}"] = None
            bodies.append(template.format(i=i, cls=whole, made=f"{whole}(y)", name=name))
        yield f"methods_{form}{'_alias' if alias else ''}", "\n".join(heads) + "\n\n" + "\n".join(bodies)


# Coroutines and tasks

_HEAD = """
import asyncio
from asyncio import create_task, ensure_future, sleep
import asyncio as aio

async def fetch(x=None):
    await asyncio.sleep(1)
    return x

async def typed(x: int) -> int:
    await asyncio.sleep(1)
    return x

async def agen(x: int):
    yield 1

class Api:
    async def get(self, x=None):
        await asyncio.sleep(1)
        return x

    async def tget(self, x: int) -> int:
        await asyncio.sleep(1)
        return x

"""
_POSITIONS = """
E

flag and E

flag or E

not E

E, E

(E)

[E]

[E for _ in flag]

E if flag else E

lambda: E

_ = E

a = E

b: object = E

c = d = E

_x = E

e, f = E, 1

if E: pass

if not E: pass

if flag: pass
elif E: pass

if flag and E: pass

if E and flag: pass

if E or flag: pass

if flag or E: pass

while E: break

while not E: break

while E and flag: break

assert E

assert E, "x"

assert not E

g = 1 if E else 2

h = E or None

i = None or E

j = [z for z in flag if E]

if (k := E): pass

l = not E

any(E for _ in flag)

for q in flag:
    E

try:
    E
except ValueError:
    E
else:
    E
finally:
    E

with flag:
    E

print(E)

return E

E.real

E["x"]

E + 1

E == 1

x = 1 in E

for y in E: pass

v = E
print(v.real)

v = E
print(v["x"])

v = E
print(v + 1)

v = E
for y in v: pass

v = E
if v: pass

v = E
if not v or flag: pass

v = E
assert v

v = E
print(1 if v else 2)

v = E
with v: pass

v = E
a, b = v

a, b = E

with E: pass

f"{E}"

len(E)

str(E)

list(E)
"""
_CALLS = (
    "fetch() typed(1) self.get() self.tget(1) Api().get() api.get() asyncio.sleep(1) sleep(1) aio.sleep(1)"
    " asyncio.gather(fetch()) asyncio.wait_for(fetch(),1) asyncio.shield(fetch()) asyncio.create_task(fetch())"
    " create_task(fetch()) aio.create_task(fetch()) asyncio.ensure_future(fetch()) ensure_future(fetch())"
    " asyncio.get_running_loop().create_task(fetch()) asyncio.get_event_loop().create_task(fetch())"
    " loop.create_task(fetch()) given.create_task(fetch()) self.loop.create_task(fetch()) tg.create_task(fetch())"
    " asyncio.run_coroutine_threadsafe(fetch(),loop) asyncio.wait([fetch()]) asyncio.to_thread(fetch)"
).split()


def coroutines() -> Iterator[Program]:
    """Each way to create a coroutine or a task, in each possible place, with and without annotations."""
    positions = [part.strip("\n") for part in _POSITIONS.strip("\n").split("\n\n")]
    for (number, call), typed in itertools.product(enumerate(_CALLS), (False, True)):
        bodies = [_placed(number, call, position, typed=typed) for number, position in enumerate(positions)]
        yield f"coroutines_{number}_{'typed' if typed else 'plain'}", _HEAD + "\n".join(bodies)


def _placed(number: int, call: str, position: str, *, typed: bool) -> str:
    body = re.sub(r"\bE\b", call, position)
    parameters = (
        "flag: list[int], given: asyncio.AbstractEventLoop" if typed else "flag, given: asyncio.AbstractEventLoop"
    )
    if not typed and "given" not in call:
        parameters = "flag"
    if ("loop.c" in call and "self" not in call) or call.endswith(",loop)"):
        body = f"loop = asyncio.get_running_loop()\n{body}"
    if call.startswith("api."):
        body = f"api = Api()\n{body}"
    if call.startswith("tg."):
        body = "async with asyncio.TaskGroup() as tg:\n    await asyncio.sleep(0)\n" + textwrap.indent(body, "    ")
    body = f"await asyncio.sleep(0)\n{body}"
    arrow = " -> object" if typed else ""
    if "self" not in call:
        return f"async def p{number}({parameters}){arrow}:\n{textwrap.indent(body, '    ')}\n"
    own = _HEAD[_HEAD.index("    async def get") :].rstrip()
    return (
        f"class K{number}:\n    loop = asyncio.new_event_loop()\n\n{own}\n\n"
        f"    async def m(self, {parameters}){arrow}:\n{textwrap.indent(body, ' ' * 8)}\n"
    )


# Statements


def _product(name: str, head: str, template: str, *parts: Sequence[str]) -> Program:
    """One function for each combination."""
    bodies = [template.format(*each, i=i) for i, each in enumerate(itertools.product(*parts))]
    return name, f"{head}\n\n" + "\n".join(bodies)


_LATE = "import asyncio\nimport asyncio as aio\nfrom asyncio import CancelledError, sleep, timeout, TaskGroup\n"


def handlers() -> Iterator[Program]:
    """Handlers of cancellations."""
    names = (
        "asyncio.CancelledError", "CancelledError", "aio.CancelledError", "BaseException", "(ValueError, CancelledError)",
        "(asyncio.CancelledError, ValueError)", "(BaseException, ValueError)", "asyncio.exceptions.CancelledError", "",
    )  # fmt: skip
    bodies = (
        "pass", "return", "return 1", "log(1)", "raise ValueError", "raise ValueError from None", "if log: raise",
        "break", "continue", "try:\n            raise\n        except ValueError: pass", "await work()",
        "for x in work: raise", "yield 1", "log(1)\n        return", "with work: raise", "return await work()",
    )  # fmt: skip
    for where in ("async def", "def"):
        waits = "await work()" if where.startswith("async") else "work()"
        fit = [body for body in bodies if where.startswith("async") or "await" not in body]
        template = f"{where} h{{i}}(work, log):\n  for one in work:\n    try:\n        {waits}\n    except {{0}}:\n        {{1}}\n"
        yield _product(f"handlers_{where[0]}", _LATE, template, names, fit)
    before = ("ValueError", "Exception", "asyncio.CancelledError", "asyncio.TimeoutError")
    template = (
        "async def k{i}(work, log):\n    try:\n        await work()\n    except {0}:\n        {2}\n"
        "    except {1}:\n        log()\n    finally:\n        log()\n"
    )
    yield _product("handlers_second", _LATE, template, before, names, ("pass", "raise"))


_USES = (
    "try:\n        x()\n    except E:\n        pass", "try:\n        x()\n    except (E, OSError):\n        pass",
    "try:\n        x()\n    except (OSError, E) as error:\n        pass",
    "try:\n        x()\n    except (TimeoutError, E):\n        pass", "try:\n        x()\n    except* E:\n        pass",
    "raise E", "raise E()", "raise E('x') from None", "y = E", "isinstance(x, E)", "isinstance(x, (E, OSError))",
    "return E", "x(E)", "E()", "suppress(E)", "with suppress(E): x()", "with suppress(OSError, E): x()",
    "try:\n        x()\n    except (OSError, (E, ValueError)):\n        pass", "x.side_effect = E", "x: E = 1",
    "with pytest.raises(E): x()", "try:\n        x()\n    except x.errors + (E,):\n        pass",
)  # fmt: skip


def aliases() -> Iterator[Program]:
    """``asyncio.TimeoutError`` by each of its names, in each place."""
    names = {
        "import asyncio": "asyncio.TimeoutError",
        "from asyncio import TimeoutError": "TimeoutError",
        "from asyncio import TimeoutError as T": "T",
        "import asyncio as aio": "aio.TimeoutError",
        "import asyncio.exceptions": "asyncio.exceptions.TimeoutError",
        "from asyncio.exceptions import TimeoutError as T": "T",
    }
    for number, (head, name) in enumerate(names.items()):
        uses = [re.sub(r"\bE\b", name, use) for use in _USES]
        full = f"{head}\nfrom contextlib import suppress\nimport pytest"
        yield _product(f"aliases_{number}", full, "def a{i}(x):\n    {0}\n", uses)


def loops() -> Iterator[Program]:
    """``while`` loops that wait."""
    tests = (
        "True", "1", "x", "not x", "x()", "not x()", "x.y", "not x.y", "x < 3", "x is None", "not x.is_set()",
        "x and y", "not (x and y)", "x or y", "x[0]", "x == y", "any(x)", "await x()", "not await x()", "(z := x())",
        "time.time() < 3",
    )  # fmt: skip
    bodies = (
        "await asyncio.sleep(1)", "await asyncio.sleep(0)", "await sleep(x)", "await asyncio.sleep(delay=1)", "pass",
        "x = 1\n        await asyncio.sleep(1)", "await asyncio.sleep(1)\n        print(1)", "continue", "...",
        "print(1)", "await x()", "return await asyncio.sleep(1)", "y = await asyncio.sleep(1)", "await x.sleep(1)",
        "if x: break\n        await asyncio.sleep(1)", "await asyncio.sleep(1, x)",
    )  # fmt: skip
    yield _product(
        "loops", f"{_LATE}import time", "async def w{i}(x, y):\n    while {0}:\n        {1}\n", tests, bodies
    )
    event = "class W{i}:\n  async def w(self, x, y: asyncio.Event):\n    while {0}:\n        # c\n        {1}\n    else:\n        print(1)\n"
    yield _product("loops_else", f"{_LATE}import time", event, ("not x()", "not y.is_set()", "x"), bodies)


def withs() -> Iterator[Program]:
    """``async with`` of timeouts and groups."""
    items = (
        "asyncio.timeout(1)", "asyncio.timeout(1) as t", "x, asyncio.timeout(1)", "asyncio.timeout(1), x",
        "asyncio.timeout_at(1)", "timeout(1)", "aio.timeout(1)", "asyncio.TaskGroup() as tg", "TaskGroup() as tg",
        "asyncio.TaskGroup() as tg, x", "x, asyncio.TaskGroup() as tg", "aio.TaskGroup() as tg",
    )  # fmt: skip
    bodies = (
        "x()", "pass", "return 1", "y = x()", "await x()", "async with x: pass", "async for z in x: pass", "yield 1",
        "def g(): return 1", "async def g(): await x()", "lambda: x()", "[z async for z in x]", "if x: return",
        "if x:\n            await x()", "for z in x:\n            return", "for z in x:\n            if z: break",
        "for z in x:\n            yield z", "tg.create_task(x())", "y = tg.create_task(x())",
        "await tg.create_task(x())", "y = await tg.create_task(x())", "tg.create_task(x())\n        tg.create_task(x())",
        "tg.create_task(x(), name='x')\n        await x()", "for z in x:\n            tg.create_task(x())",
        "if x:\n            tg.create_task(x())", "return tg.create_task(x())", "tg.create_task(coro=x())",
        "try:\n            return\n        finally: x()", "print(1)\n        x()", "raise ValueError", "tg.start(x)",
        "tg.create_task(x())\n        if x: return\n        tg.create_task(x())", "tg.create_task(x())\n        return",
        "with x: return", "x(tg)", "tg.create_task(x(tg))", "[tg.create_task(x()) for z in x]",
        "with x as f:\n            tg.create_task(x(f))", "async with x() as f:\n            tg.create_task(x(f), name='n')",
        "async with x() as f:\n            tg.create_task(x.y(f))\n            tg.create_task(f.y())",
        "async with x() as f:\n            tg.create_task(x(1, target=f))",
        "async with x() as f:\n            tg.create_task(x([f]))\n            tg.create_task(x(f.a))",
    )  # fmt: skip
    yield _product("withs", _LATE, "async def w{i}(x):\n    async with {0}:\n        {1}\n", items, bodies)
    looped = "async def w{i}(x, tg):\n    for q in x:\n      async with {0}:\n        {1}\n        if q: x()\n"
    yield _product("withs_looped", _LATE, looped, items, (*bodies, "continue", "break", "if q: continue"))


def outside() -> Iterator[Program]:
    """``await`` and the like outside of a coroutine function; one file each, because some are syntax errors."""
    code = (
        "await x()", "y = await x()", "return await x()", "print(await x())", "async with x: pass",
        "async with x as y: pass", "async for z in x: pass", "[z async for z in x]", "{z: 1 async for z in x}",
        "[await z for z in x]", "(z async for z in x)", "(await z for z in x)", "if await x(): pass",
        "for z in await x(): pass", "with await x(): pass", "f'{await x()}'", "list(z async for z in x)",
    )  # fmt: skip
    holders = (
        "def h(x):\n    {}", "class H:\n    def m(self, x):\n        {}", "class H:\n    x = 1\n    {}", "x = 1\n{}",
        "async def h(x):\n    def n():\n        {}\n    await n", "def h(x):\n    async def n():\n        pass\n    {}",
        "async def h(x):\n    await x\n    y = lambda: {}", "def h(x, y=1):\n    for q in x:\n        if q:\n            {}",
    )  # fmt: skip
    for number, (holder, one) in enumerate(itertools.product(holders, code)):
        is_statement = one.startswith(("async", "for", "if", "with", "return", "y ="))
        if not (is_statement and "lambda" in holder) and not (one.startswith("return") and "def" not in holder):
            yield f"outside_{number}", holder.format(one) + "\n"


_THINGS = """
import asyncio, contextlib, threading, tempfile, socket
import concurrent.futures
from asyncio import Lock

@contextlib.contextmanager
def sown():
    yield 1

@contextlib.asynccontextmanager
async def aown():
    yield 1

async def own():
    await asyncio.sleep(1)

class Cm:
    def __enter__(self): return self
    def __exit__(self, *a): ...

class Acm:
    async def __aenter__(self): return self
    async def __aexit__(self, *a): ...

async def agen():
    yield 1

def gen():
    yield 1

class It:
    def __iter__(self): return iter([1])

class AIt:
    def __aiter__(self): return self
    async def __anext__(self): return 1
"""
_MANAGERS = (
    "asyncio.Lock() Lock() asyncio.Semaphore(1) asyncio.BoundedSemaphore(1) asyncio.Condition() asyncio.timeout(1)"
    " asyncio.TaskGroup() asyncio.Runner() threading.Lock() threading.RLock() threading.Condition()"
    " threading.Semaphore() open('x') own() sown() aown() Cm() Acm() tempfile.TemporaryDirectory()"
    " contextlib.suppress(ValueError) contextlib.closing(1) contextlib.aclosing(1) asyncio.Queue() asyncio.Event()"
    " concurrent.futures.ThreadPoolExecutor() socket.socket() contextlib.ExitStack() contextlib.AsyncExitStack()"
).split()
_ITERABLES = (
    "agen()|gen()|own()|[1]|(1, 2)|range(3)|asyncio.as_completed([])|{}|'x'|asyncio.Queue()|reader|It()|AIt()|{1}"
    "|[x for x in 'a']|(x async for x in agen())|dict()|list()|open('x')|enumerate([1])|zip([1])|'a'.split()|sorted([1])"
).split("|")


def managers() -> Iterator[Program]:
    """Context managers of both kinds under both kinds of ``with``."""
    holders = ("async def f{i}() -> None:", "def f{i}() -> None:", "async def f{i}():")
    for (number, holder), word in itertools.product(enumerate(holders), ("with", "async with")):
        if holder.startswith("def") and word != "with":
            continue
        template = f"{holder}\n    {word} {{0}} as g: print(g)\n    v = {{0}}\n    {word} v: pass\n"
        yield _product(f"managers_{number}_{word[0]}", _THINGS, template, _MANAGERS)
        held = f"class K{{i}}:\n  def __init__(self) -> None:\n    self.v = {{0}}\n  {holder.replace('()', '(self)')}\n    {word} self.v: pass\n"
        yield _product(f"managers_{number}_{word[0]}_held", _THINGS, held, _MANAGERS)
        top = f"v{{i}} = {{0}}\n{holder}\n    {word} v{{i}}: pass\n"
        yield _product(f"managers_{number}_{word[0]}_top", _THINGS, top, _MANAGERS)
        classes = [
            made.partition("(")[0] for made in _MANAGERS if made.partition("(")[0].rpartition(".")[2][:1].isupper()
        ]
        given = f"{holder.replace('()', '(v: {0})')}\n    {word} v: pass\n"
        yield _product(f"managers_{number}_{word[0]}_given", _THINGS, given, classes)


def iterables() -> Iterator[Program]:
    """Iterables of both kinds under both kinds of ``for``."""
    given = "(reader: asyncio.StreamReader) -> None"
    both = "    for x in {0}: print(x)\n    [x for x in {0}]\n    v = {0}\n    for x in v: print(x)\n"
    yield _product("iterables_plain", _THINGS, f"def i{{i}}{given}:\n{both}", _ITERABLES)
    yield _product("iterables_async", _THINGS, f"async def i{{i}}{given}:\n{both}", _ITERABLES)
    waits = (
        "    async for x in {0}: print(x)\n    [x async for x in {0}]\n    v = {0}\n    async for x in v: print(x)\n"
    )
    yield _product("iterables_waits", _THINGS, f"async def i{{i}}{given}:\n{waits}", _ITERABLES)


def unused() -> Iterator[Program]:
    """Coroutine functions that await nothing."""
    bodies = (
        "return 1", "pass", "...", "'doc'", "raise NotImplementedError", "print(1)", "x()", "yield 1", "return x()",
        "def g(): return 1", "async def g(): await x()", "return [z async for z in x]", "lambda: 1", "await x()",
        "async with x: pass", "for z in x: print(z)", "if x: return 1", "with x: pass", "yield\n    x()",
        "try:\n        x()\n    except ValueError: pass", "'doc'\n    return 1", "'doc'\n    raise NotImplementedError",
        "raise ValueError", "return", "async def g(): ...\n    return g", "class A: pass", "return lambda: x()",
        "return (z for z in x)", "return (await z for z in x)", "[await z for z in x]", "x.y = 1", "x: int = 1",
        "import os\n    return os", "assert x", "match x:\n        case 1: return 2", "return (z async for z in x)",
        "class A:\n        async def b(self): await x()",
    )  # fmt: skip
    heads = (
        "async def u{i}(x):\n    {0}\n", "@x\nasync def u{i}(x):\n    {0}\n", "class U{i}:\n  async def m(self, x):\n    {0}\n",
        "class U{i}(B):\n  async def m(self, x):\n    {0}\n", "class U{i}:\n  @x\n  async def m(self, x):\n    {0}\n",
        "class U{i}:\n  async def __aenter__(self, x=1):\n    {0}\n", "class U{i}:\n  async def _m(self, x):\n    {0}\n",
        "def o{i}(x):\n  async def inner(x):\n    {0}\n  return inner\n", "async def test_{i}(x):\n    {0}\n",
        "class U{i}:\n  @staticmethod\n  async def m(x):\n    {0}\n", "if 1:\n  async def u{i}(x):\n    {0}\n",
        "@app.get('/')\nasync def u{i}(x):\n    {0}\n", "@pytest.fixture\nasync def u{i}(x):\n    {0}\n",
    )  # fmt: skip
    top = "import pytest\nfrom fastapi import FastAPI\nfrom base import B\n\napp = FastAPI()\nx = 1\n"
    for number, head in enumerate(heads):
        yield _product(f"unused_{number}", top, head, bodies)


def dated() -> Iterator[Program]:
    """Names, members of classes and parameters that the oldest Python's asyncio lacks."""
    floor = load_api().span.floor
    names = [name.removeprefix("asyncio.") for name in sorted(newer(floor))]
    plain = [name for name in names if "." not in name]
    members = [name.split(".") for name in names if name.count(".") == 1 and name[:1].isupper()]
    calls = [
        f"{name.removeprefix('asyncio.')}(x, {parameter}=None)"
        for name, parameters in sorted(newer_parameters(floor).items())
        for parameter in sorted(parameters)
        if name.count(".") == 1
    ]
    for word, head in (("asyncio", "import asyncio"), ("aio", "import asyncio as aio")):
        uses = [f"{word}.{each}" for each in (*plain, *calls)]
        yield _product(f"dated_{word}", head, "async def d{i}(x):\n    y = {0}\n    return print({0}, y)\n", uses)
        held = [
            f"def m{i}(v: {word}.{owner}):\n    v.{name}\n    w = {word}.{owner}()\n    w.{name}\n"
            for i, (owner, name) in enumerate(members)
        ]
        yield f"dated_{word}_members", f"{head}\n\n" + "\n".join(held)
    for module in ("asyncio", "asyncio.tasks", "asyncio.timeouts", "asyncio.taskgroups", "asyncio.runners"):
        lines = [
            f"from {module} import {name}\nfrom {module} import sleep, {name} as n{i}" for i, name in enumerate(plain)
        ]
        yield f"dated_{module.replace('.', '_')}_imports", "\n".join(lines)
    imported = {call.partition("(")[0] for call in calls}
    yield _product(
        "dated_called", f"from asyncio import {', '.join(sorted(imported))}", "async def d{i}(x):\n    y = {0}\n", calls
    )


_CONSUMERS = (
    "list({0})", "tuple({0})", "set({0})", "frozenset({0})", "sum({0})", "any({0})", "all({0})", "sorted({0})",
    "min({0})", "max({0})", "dict({0})", "enumerate({0})", "iter({0})", "next({0})", "map(x, {0})", "filter(x, {0})",
    "filter(None, {0})", "zip({0})", "zip(x, {0})", "zip({0}, x)", "', '.join({0})", "x(*{0})", "[*{0}]", "1 in {0}",
    "1 not in {0}", "asyncio.gather({0})", "asyncio.wait_for({0}, 1)", "asyncio.shield({0})", "asyncio.run({0})",
    "asyncio.create_task({0})", "asyncio.ensure_future({0})", "await {0}", "await ({0})",
)  # fmt: skip
_CONSUMED = (
    "agen()", "AIt()", "gen()", "plain()", "None", "[x(), x()]", "(x(), x())", "{x()}", "[x() for _ in 'a']",
    "(x() for _ in 'a')", "(await x(1) for _ in 'a')", "(q async for q in agen())", "time.sleep(1)", "print(1)",
    "open('x')", "len('x')", "Path('x').exists()", "asyncio.Event().set()", "asyncio.Queue().put_nowait(1)", "3",
    "'x'", "{'a': x()}", "os.getcwd()", "time.time()", "json.loads('1')", "Cm()", "range(3)",
)  # fmt: skip


def consumers() -> Iterator[Program]:
    """Objects of each kind, passed to all that iterates over them or awaits them."""
    head = f"{_THINGS}\nimport json, os, time\nfrom pathlib import Path\n\ndef plain(): return 1\n"
    for number, consumer in enumerate(_CONSUMERS):
        used = consumer if consumer.startswith("await") else f"print({consumer})"
        bodies = [
            f"async def c{i}(x):\n    await x()\n    {used.format(each)}\n    v = {each}\n    {used.format('v')}\n"
            for i, each in enumerate(_CONSUMED)
        ]
        unpacked = [
            f"async def u{i}(x):\n    await x()\n    a, b = {each}\n    (c, *d) = {each}\n"
            for i, each in enumerate(_CONSUMED)
        ]
        yield f"consumers_{number}", f"{head}\n" + "\n".join(bodies if number else [*bodies, *unpacked])


_LOOPLESS = (
    "asyncio.sleep asyncio.gather asyncio.shield asyncio.wait asyncio.wait_for asyncio.as_completed asyncio.Lock"
    " asyncio.Event asyncio.Condition asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Queue asyncio.LifoQueue"
    " asyncio.PriorityQueue asyncio.open_connection asyncio.start_server asyncio.create_subprocess_exec"
).split()


def outdated_names() -> Iterator[Program]:
    """Names that the newest Python's asyncio deprecates or lacks, and parameters that are gone."""
    names = [name.removeprefix("asyncio.") for name in sorted(outdated(load_api().span.ceiling))]
    plain = [name for name in names if "." not in name]
    calls = [f"{name.removeprefix('asyncio.')}(x, loop=x)" for name in _LOOPLESS]
    for word, head in (("asyncio", "import asyncio"), ("aio", "import asyncio as aio")):
        uses = [f"{word}.{each}" for each in (*plain, *calls)]
        yield _product(f"outdated_{word}", head, "async def d{i}(x):\n    y = {0}\n    return print({0}(), y)\n", uses)
    lines = [f"from asyncio import {name}\nfrom asyncio import sleep, {name} as n{i}" for i, name in enumerate(plain)]
    yield "outdated_imports", "\n".join(lines)
    yield _product(
        "outdated_called", f"from asyncio import {', '.join(plain)}", "async def d{i}(x):\n    y = {0}(x)\n", plain
    )
    given = sorted({call.partition("(")[0] for call in calls})
    yield _product(
        "outdated_given", f"from asyncio import {', '.join(given)}", "async def d{i}(x):\n    y = {0}\n", calls
    )
