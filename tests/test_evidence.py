"""The certainty of findings: an error only if all relevant code was read, and one finding for each cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from checking import Output, found, settle, write
from loopwise.cli.main import main


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty repository."""
    settle(tmp_path, monkeypatch)


SENDS = "class Client:\n    async def send(self):\n        print(self)\n\n"


WAITS = "import asyncio\nfrom collections.abc import Coroutine\n\n"


GOES = "    async def go(self):\n        self.c.send()\n"


def loudness(output: Output) -> list[tuple[str, str, int, bool | None]]:
    """Return name, severity and line of each finding, and whether its fix is safe."""
    fixes = [(one, one["fix"]) for one in found(output)]
    return [(one["name"], one["severity"], one["line"], fix["safe"] if fix else None) for one, fix in fixes]


def test_a_finding_in_code_that_was_read_in_full_is_an_error(capsys: Output) -> None:
    write(app="async def numbers():\n    yield 1\n\nasync def main():\n    for n in numbers():\n        print(n)\n")
    assert loudness(capsys) == [("sync-for-on-async-iterable", "error", 5, True)]


def test_a_method_of_an_object_that_the_code_creates_is_certain(capsys: Output) -> None:
    write(app=f"{SENDS}async def main():\n    client = Client()\n    client.send()\n")
    assert loudness(capsys) == [("missing-await", "error", 7, True)]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("async def main(xs: list[int]):\n    async for x in xs:\n        print(x)\n", 2),
        (f"{WAITS}async def main(xs: list[Coroutine[None, None, int]]):\n    await asyncio.wait(xs)\n", 5),
        ("async def main(a, b):\n    await (a == b)\n", 2),
        ("def rows() -> list[int]:\n    return load()\n\nasync def main():\n    print([x async for x in rows()])\n", 5),
        ("class A:\n    async def save(self):\n        ...\n\n    async def go(self):\n        self.save()\n", 6),
        (f"{SENDS}async def main(client: Client):\n    client.send()\n", 6),
        (f"{SENDS}def made() -> Client:\n    return load()\n\nasync def main():\n    made().send()\n", 9),
        (f"{SENDS}class A:\n    def __init__(self, c: Client):\n        self.c = c\n\n{GOES}", 10),
    ],
    ids=[
        "parameter",
        "coroutines",
        "comparison",
        "return",
        "stub",
        "method of a parameter",
        "method of a result",
        "method of an attribute",
    ],
)
def test_a_finding_based_on_an_annotation_or_a_stub_is_a_warning(code: str, line: int, capsys: Output) -> None:
    """Its fix is not safe."""
    write(app=code)
    ((_, severity, where, safe),) = loudness(capsys)
    assert (severity, where, bool(safe)) == ("warning", line, False)


LIBRARY = """\
import httpx

async def main():
    client = httpx.AsyncClient()
    client.aclose()
"""


def test_a_finding_based_on_an_installed_library_is_an_error(capsys: Output) -> None:
    """With a shipped summary, which may be of another version, it is a warning."""
    write(app=LIBRARY)
    assert loudness(capsys) == [("missing-await", "warning", 5, False)]
    site = Path(".venv/lib/python3.12/site-packages")
    site.mkdir(parents=True)
    Path(".venv/pyvenv.cfg").write_text("version = 3.12.1\n", "utf-8")
    (site / "httpx.py").write_text("class AsyncClient:\n    async def aclose(self):\n        print()\n", "utf-8")
    assert loudness(capsys) == [("missing-await", "error", 5, True)]


STUBS = """\
class Base:
    async def close(self):
        raise NotImplementedError

    async def size(self):
        ...

    async def flush(self):
        raise NotImplementedError

    async def stop(self):
        self.close()
        if self.size():
            print(1)
        self.flush()
"""
DERIVED = """\
from base import Base

class Middle(Base):
    pass

class Redis(Middle):
    def close(self):
        print("closed")

    async def size(self):
        yield 3
"""


def test_methods_overridden_by_another_file_are_not_reported(capsys: Output) -> None:
    """A class of another module, derived at two removes, may make a plain method async or the reverse."""
    write(base=STUBS, redis_store=DERIVED)
    assert loudness(capsys) == [("missing-await", "warning", 15, False)]


def test_facts_about_another_file_are_dropped_when_it_changes(capsys: Output) -> None:
    write(base=STUBS, redis_store="")
    assert [line for _, _, line, _ in loudness(capsys)] == [12, 13, 15]
    write(redis_store=DERIVED)
    assert [line for _, _, line, _ in loudness(capsys)] == [15]


def test_one_cause_is_one_finding(capsys: Output) -> None:
    """A sleep of a millisecond in a constructor is reported at its first call, with all others."""
    calls = "".join(f"async def use_{number}():\n    return Box()\n\n" for number in range(4))
    write(app=f"import time\n\nclass Box:\n    def __init__(self):\n        time.sleep(0.001)\n\n{calls}")
    (one,) = found(capsys)
    assert (one["name"], one["line"]) == ("blocking-through-helper", 8)
    assert [place["line"] for place in one["related"]] == [5, 11, 14, 17]


TWO_LOOPS = """\
class Room:
    def __init__(self):
        self.all = set()

    def join(self, one):
        self.all.add(one)

    async def say(self):
        for one in self.all:
            await one.say()
        for one in self.all:
            await one.end()
"""
TWO_QUERIES = """\
import sqlite3

class Store:
    def __init__(self):
        self.base = sqlite3.connect("file")

    async def put(self, key):
        self.base.execute("insert", key)
        self.base.commit()
"""
TWO_COROUTINES = "import asyncio\n\nasync def f(): ...\n\nasync def main():\n    await asyncio.wait([f(), f()])\n"


@pytest.mark.parametrize(("code", "line"), [(TWO_COROUTINES, 6), (TWO_LOOPS, 9)], ids=["wait", "loops over one set"])
def test_one_place_to_fix_is_one_finding(code: str, line: int, capsys: Output) -> None:
    """Its fix is for all the places."""
    write(app=code)
    (one,) = found(capsys)
    assert (one["line"], len(one["related"]) > 0, "(2 places)" in one["fix"]["title"]) == (line, True, True)


def test_a_class_is_called_by_its_own_name(capsys: Output) -> None:
    """A base may construct it; its name is not in the code at the place."""
    base = "class Base:\n    def __init__(self):\n        self.context = ssl.create_default_context()\n"
    write(app=f"import ssl\n\n{base}\nclass Client(Base):\n    pass\n\nasync def main():\n    return Client()\n")
    (one,) = found(capsys)
    assert one["message"].startswith("Call to Client() blocks the event loop")


def test_one_tls_context_of_a_function_is_one_finding(capsys: Output) -> None:
    """It is made step by step, and moves into a thread as a whole; each function makes its own."""
    made = "    context = ssl.create_default_context()\n    context.load_cert_chain('c')\n    return context\n\n"
    write(app=f"import ssl\n\nasync def one():\n{made}async def other():\n{made}")
    shown = [(one["line"], [place["line"] for place in one["related"]]) for one in found(capsys)]
    assert shown == [(4, [5]), (9, [10])]


def test_one_database_of_a_class_is_one_finding(capsys: Output) -> None:
    """Its calls are replaced together; the functions of a module have their own connections."""
    functions = "".join(f"async def use_{one}():\n    sqlite3.connect('f')\n\n" for one in range(2))
    write(app=TWO_QUERIES, other=f"import sqlite3\n\n{functions}")
    assert [(one["path"], one["line"]) for one in found(capsys)] == [("app.py", 8), ("other.py", 4), ("other.py", 7)]


def test_a_command_of_the_shell_may_ask_its_user(capsys: Output) -> None:
    """Nothing else runs while it waits; in another folder, something may."""
    code = "async def ask():\n    return input('go on?')\n"
    write(app__commands__migrate=code, app__server=code)
    assert [one["path"] for one in found(capsys)] == ["app/server.py"]


def test_an_unread_library_makes_no_error(capsys: Output) -> None:
    """Its next version may do it otherwise, as async_timeout did."""
    write(
        app="from async_timeout import timeout\n\nasync def main(work):\n    with timeout(3):\n        await work()\n"
    )
    assert loudness(capsys) == [("sync-with-on-async-cm", "warning", 4, False)]


@pytest.mark.parametrize(("derived", "lines"), [("A", [10]), ("", [9, 10])], ids=["subclass", "other class"])
def test_a_plain_method_that_subclasses_make_async_can_be_awaited(
    derived: str, lines: list[int], capsys: Output
) -> None:
    """One that has only its name in common with a coroutine function cannot."""
    write(
        app="class A:\n    def _make(self):\n        self.a = 1\n\n    def _end(self):\n        self.a = 0\n\n"
        "    async def go(self):\n        await self._make()\n        await self._end()\n",
        other=f"from app import A\n\nclass B({derived}):\n    def _make(self):\n        self.b = 1\n",
        more="from other import B\n\nclass C(B):\n    async def _make(self):\n        super()._make()\n",
    )
    assert [(name, severity, line) for name, severity, line, _ in loudness(capsys)] == [
        ("not-awaitable", "error", line) for line in lines
    ]


@pytest.mark.parametrize(("derived", "lines"), [("A", [9]), ("", [8, 9])], ids=["subclass", "other class"])
def test_an_async_generator_that_subclasses_make_a_coroutine_function_can_be_awaited(
    derived: str, lines: list[int], capsys: Output
) -> None:
    """Its caller in the base serves the subclasses."""
    write(
        app="class A:\n    async def parse(self):\n        yield 1\n\n    async def rows(self):\n        yield 2\n\n"
        "    async def go(self): return await self.parse(), (\n        await self.rows())\n",
        other=f"from app import A\n\nclass B({derived}):\n    pass\n",
        more="from other import B\n\nclass C(B):\n    async def parse(self):\n        return [1]\n",
    )
    assert [(name, severity, line) for name, severity, line, _ in loudness(capsys)] == [
        ("not-awaitable", "error", line) for line in lines
    ]


@pytest.mark.parametrize(
    "head",
    [
        "class A(metaclass=Meta):\n",
        "@wrapped\nclass A:\n",
        "class A:\n    def __init__(self, **hooks):\n        self.__dict__.update(hooks)\n",
        "class A:\n    def __init_subclass__(cls):\n        for x in vars(cls):\n            setattr(cls, x, 1)\n",
        "def patch(name):\n    setattr(A, name, print)\n\nclass A:\n",
        "def patch(name):\n    globals()[name] = print\n\nasync def send(): ...\n\nclass A:\n",
    ],
    ids=["metaclass", "decorator", "__dict__", "__init_subclass__", "setattr", "globals"],
)
def test_a_definition_that_the_program_may_replace_makes_no_error(head: str, capsys: Output) -> None:
    """It may be another function when it is called."""
    called = "send()" if "globals" in head else "A().send()"
    wrapped = "def wrapped(cls):\n    for x in vars(cls): setattr(cls, x, 1)\n    return cls\n"
    method = f"    async def send(self):\n        print(self)\n\nasync def main():\n    {called}\n"
    write(app=f"from lib import Meta\n\n{wrapped}\n{head}{method}")
    assert [(name, severity, safe) for name, severity, _, safe in loudness(capsys)] == [
        ("missing-await", "warning", False)
    ]


def test_three_callers_of_a_helper_are_one_finding(capsys: Output) -> None:
    """Two callers are still fixed one by one; so are the calls in one function."""
    helper = "import time\n\ndef load():\n    time.sleep(1)\n\n"
    for number, lines in ((2, [7, 8, 11, 12]), (3, [7])):
        calls = "".join(f"async def use_{one}():\n    load()\n    load()\n\n" for one in range(number))
        write(app=f"{helper}{calls}")
        assert [one["line"] for one in found(capsys)] == lines


def test_a_dialogue_with_the_user_is_one_finding(capsys: Output) -> None:
    """Its prompts are fixed together, also those of other functions of the class."""
    asks = "".join(f"    async def ask_{one}(self):\n        return input('Name? ')\n\n" for one in range(3))
    write(app=f"import asyncio\n\nclass Dialogue:\n{asks}async def main():\n    asyncio.create_task(main())\n")
    assert [(one["name"], one["line"]) for one in found(capsys) if one["name"] == "blocking-input"] == [
        ("blocking-input", 5)
    ]


def test_a_command_that_does_one_thing_after_the_other_may_wait_for_the_disk(capsys: Output) -> None:
    code = "import asyncio\n\nasync def load():\n    return open('x').read()\n\ndef main():\n    asyncio.run(load())\n"
    write(app__cli__load=code, app__load=code)
    assert {one["path"] for one in found(capsys)} == {"app/load.py"}


def test_a_test_may_wait_for_the_disk_and_for_programs(capsys: Output) -> None:
    text = "import shutil\nimport subprocess\n\nasync def main():\n    shutil.rmtree('x')\n    subprocess.run(['x'])\n"
    for name, lines in (("app", [5, 6]), ("test_app", [])):
        write(**{name: text})
        assert [one["line"] for one in found(capsys)] == lines
        Path(f"{name}.py").unlink()


def test_a_fix_that_needs_a_newer_python_is_not_safe(capsys: Output) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.8"\n')
    write(app="import requests\n\nasync def main():\n    return requests.get('x').json()\n")
    assert loudness(capsys) == [("blocking-http", "warning", 4, False)]


@pytest.mark.parametrize("line", ["await ", "await", "result = await ", "await asyncio.wait_for(", "await ta"])
def test_an_unused_binding_is_reported_after_its_line_is_complete(line: str, capsys: Output) -> None:
    """That line may use it: no dangling task is reported while ``await task`` is typed."""
    write(app=f"import asyncio\n\nasync def main():\n    task = asyncio.create_task(main())\n    {line}\n")
    main(["check"])
    assert "dangling-task" not in capsys.readouterr().out


def test_a_loop_that_callers_may_leave_out_makes_no_fix_safe(capsys: Output) -> None:
    """``asyncio.Future(loop=None)`` works, ``None.create_future()`` does not."""
    left_out, given = "loop: asyncio.AbstractEventLoop = None", "loop: asyncio.AbstractEventLoop"
    for parameter, is_safe in ((left_out, False), (given, True)):
        write(app=f"import asyncio\n\ndef waiter({parameter}):\n    return asyncio.Future(loop=loop)\n")
        assert loudness(capsys) == [("prefer-create-future", "hint", 4, is_safe)]


def test_no_safe_fix_removes_the_type_argument_of_a_future(capsys: Output) -> None:
    """For type checkers, ``create_future()`` returns a future of anything."""
    for made, is_safe in (("Future[int]", False), ("Future", True)):
        write(app=f"import asyncio\n\nasync def main():\n    future = asyncio.{made}()\n    await future\n")
        assert loudness(capsys) == [("prefer-create-future", "hint", 4, is_safe)]


def test_an_annotated_parameter_makes_no_error_of_its_methods(capsys: Output) -> None:
    """A test may pass a driver of another kind, whatever it says."""
    driver = "class Driver:\n    async def rows(self):\n        yield 1\n\n"
    for head, severity in (("def use(driver: Driver):", "warning"), ("def use():\n    driver = Driver()", "error")):
        write(app=f"{driver}{head}\n    for row in driver.rows():\n        print(row)\n")
        assert [one["severity"] for one in found(capsys)] == [severity]
