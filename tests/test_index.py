"""The project index: its entries, the files it reads, and that it follows the disk and the editor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwise.globs import Exclude
from loopwise.semantics.index import walk as index_walk
from loopwise.semantics.index.entries import Entry, entries_of, is_test
from loopwise.semantics.index.index import Index
from loopwise.text import encode

SHORT = {
    "coroutine function": "await",
    "async generator function": "async for",
    "async context manager function": "async with, function",
    "async context manager class": "async with",
    "async iterable class": "async for, class",
}
ONE = "async def {}(): ...\n"


def shown(entries: Iterable[Entry]) -> list[str]:
    """Return a line for each entry: its name, parameters and uses."""
    return [f"{entry.name}{entry.parameters} – {SHORT[entry.kind]}" for entry in entries]


def of(text: str, path: str = "app/net.py") -> list[str]:
    return shown(entries_of(encode(text), "app.net", path))


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


async def walked(folder: Path, files: dict[str, str], *exclude: str) -> Index:
    """Return an index after its first walk through these files."""
    write(folder, files)
    index = Index(folder, Exclude(exclude, str(folder)))
    await index.refresh()
    return index


def names(index: Index) -> list[str]:
    """Return the full names of the entries, such as ``app.net.fetch``, sorted."""
    return sorted(f"{entry.module}.{entry.name}" for entry in index.entries())


# Kinds

KINDS = {
    "a coroutine function": ("async def fetch(url): ...", ["fetch(url) – await"]),
    "one with tabs": ("async\tdef a(): ...\nasync def fetch(url):\n\tpass", ["a() – await", "fetch(url) – await"]),
    "an async generator": (
        """
async def pages(url):
    async with connect(url) as page:
        yield page
""",
        ["pages(url) – async for"],
    ),
    "an async generator with a comment at the left edge": (
        """
async def pages(url):
    page = await connect(url)
# no end yet
    yield page
""",
        ["pages(url) – async for"],
    ),
    "a yield that is another's": (
        '''
async def fetch(url):
    """Does not yield."""
    def each():
        yield 1
    class Each:
        def __iter__(self):
            yield 2
    keep(lambda: (yield))
    return "yield"  # no yield
''',
        ["fetch(url) – await"],
    ),
    "an async context manager": (
        """
@asynccontextmanager
async def opened(path):
    yield path

@contextlib.asynccontextmanager
async def locked():
    yield
""",
        ["opened(path) – async with, function", "locked() – async with, function"],
    ),
    "a decorated coroutine function": (
        """
@retry(
    times=3,
)
@traced({"to":
    "log"})
async def fetch(url):
    pass
""",
        ["fetch(url) – await"],
    ),
    "a class to enter": (
        """
class Session:
    timeout = 10

    def __init__(self, url, *, retries=3):
        self.url = url

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc): ...
""",
        ["Session(url, *, retries=3) – async with"],
    ),
    "a class to iterate": (
        """
class Rows(Generic[T]):
    def __aiter__(self): return self
    async def __anext__(self): ...
""",
        ["Rows() – async for, class"],
    ),
    "a class for both": (
        """
class Stream:
    def __aiter__(self): return self
    async def __anext__(self): ...
    async def __aenter__(self): ...
""",
        ["Stream() – async with", "Stream() – async for, class"],
    ),
    "a class by its base in the file": (
        """
class _Base:
    def __init__(self, url): ...
    async def __aenter__(self): ...

class Middle(_Base): ...

class Session(Middle):
    async def get(self): ...

class Other:
    async def get(self): ...
""",
        ["Middle(url) – async with", "Session(url) – async with"],
    ),
    "a class of another module's with the name of a base": (
        """
class Base:
    async def __aenter__(self): ...

class Session(other.Base): ...
""",
        ["Base() – async with"],
    ),
    "a class by a known base": (
        """
class Pool(contextlib.AbstractAsyncContextManager["Pool"]):
    async def __aexit__(self, *exc): ...

class Timer(AsyncContextDecorator): ...

class Rows(AsyncIterator[int]):
    async def __anext__(self): ...
""",
        ["Pool() – async with", "Timer() – async with", "Rows() – async for, class"],
    ),
    "a method assigned": (
        """
class Session:
    async def open(self): ...
    __aenter__ = open
""",
        ["Session() – async with"],
    ),
    "a method under a condition": (
        """
class Session:
    if sys.version_info >= (3, 11):
        async def __aenter__(self): ...
""",
        ["Session() – async with"],
    ),
    "classes that do not show their parameters": (
        """
@dataclass
class Job:
    name: str
    async def __aenter__(self): ...

class Session(Base):
    async def __aenter__(self): ...

class Made(metaclass=Maker):
    async def __aenter__(self): ...

class New:
    def __new__(cls, url): ...
    async def __aenter__(self): ...

class Plain(object, metaclass=ABCMeta):
    async def __aenter__(self): ...
""",
        [
            "Job(...) – async with",
            "Session(...) – async with",
            "Made(...) – async with",
            "New(...) – async with",
            "Plain() – async with",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_each_kind_is_recognized(text: str, expected: list[str]) -> None:
    """The definition decides."""
    assert of(text) == expected


PARAMETERS = {
    "as written": (
        "async def f(url: str, /, *rest: int, timeout: float=10, **more: object) -> bytes: ...",
        "(url: str, /, *rest: int, timeout: float=10, **more: object)",
    ),
    "on many lines": (
        """
async def f(
    url: str,  # where from
    *,
    # in seconds
    timeout: float = 10,
    limits: dict[str, int] = {
        "a": 1,  # each
        "b": 2,
    },
) -> bytes:
    yield
""",
        '(url: str, *, timeout: float = 10, limits: dict[str, int] = {"a": 1, "b": 2})',
    ),
    "with brackets and colons in strings": (
        'async def f(a=\')\', b=\':\', c="""\nasync def no(): ...\n"""):\n    pass',
        '(a=\')\', b=\':\', c=""" async def no(): ... """)',
    ),
    "with a line end after a colon": ("async def f(a:\n    int, b=1):\n    pass", "(a: int, b=1)"),
    "of a generic function": ("async def f[T](item: T) -> T: ...", "(item: T)"),
    "of a method with a typed self": (
        "class f:\n    async def __aenter__(self): ...\n    def __init__(self: Self, /, url): ...",
        "(url)",
    ),
    "of a method with stars only": (
        "class f:\n    async def __aenter__(self): ...\n    def __init__(*args): ...",
        "(*args)",
    ),
}


@pytest.mark.parametrize(("text", "expected"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_are_as_written_on_one_line(text: str, expected: str) -> None:
    """Without comments and ``self``."""
    assert {entry.parameters for entry in entries_of(encode(text), "m", "m.py")} == {expected}


TOP_LEVEL = {
    "under if and try": (
        """
if sys.platform == "win32":
    # Windows
    async def a(): ...
elif x:
    async def b(): ...
else:

    try:
        import c
    except (
        ImportError
    ):
        async def c(): ...
    finally:
        class D:
            async def __aenter__(self): ...
with suppress(ImportError):
    async def e(): ...
if y:
    class F(AsyncIterator): ...
""",
        ["a", "b", "c", "D", "e", "F"],
    ),
    "twice": ("if x:\n    async def a(): ...\nelse:\n    async def a(b): ...", ["a"]),
    "not when it is imported": (
        """
if TYPE_CHECKING:
    async def a(): ...
else:
    async def b(): ...
if __name__ == "__main__":
    async def c(): ...
""",
        ["b"],
    ),
    "not inside of others": (
        """
def a():
    async def b(): ...
class C:
    async def d(self): ...
    class E:
        async def __aenter__(self): ...
""",
        [],
    ),
    "not in strings": (
        '''
"""Use it so:

async def a(): ...
"""
B = r\'\'\'\\\'\'\'
async def c(): ...
\'\'\'
C = """\\"""
async def c(): ...
"""
d = '"""' # """
async def e(): ...
f = "\\
async def g(): ..."
''',
        ["e"],
    ),
    "not private": ("async def _a(): ...\nclass _B:\n    async def __aenter__(self): ...\n", []),
    "what __all__ names": (
        """
__all__ = [
    "a",  # one
    "B",
]
async def a(): ...
class B:
    async def __aenter__(self): ...
async def c(): ...
""",
        ["a", "B"],
    ),
    "what a typed __all__ names": ('__all__: tuple[str, ...] = ("a",)\n' + ONE.format("a") + ONE.format("b"), ["a"]),
    "all where __all__ grows": ('__all__ = ["a"]\n__all__ += more\n' + ONE.format("a") + ONE.format("b"), ["a", "b"]),
    "all where __all__ is changed": ('__all__[:] = ["a"]\n' + ONE.format("a") + ONE.format("b"), ["a", "b"]),
    "nothing without an async def": ("class A(AsyncIterator): ...", []),
    "all where __all__ is computed": ("__all__ = list(more)\n" + ONE.format("a"), ["a"]),
    "a framework calls its handlers": ("@app.get('/')\nasync def a(): ...\n" + ONE.format("b"), ["b"]),
    "fixtures are nobody's": ("@pytest.fixture(scope='module')\nasync def a(): ...\n" + ONE.format("b"), ["b"]),
    "with Windows line ends": (
        "\r\nclass A:\r\n    async def __aenter__(self): ...\r\nasync def b(\r\n): ...",
        ["A", "b"],
    ),
    "after a byte order mark": ("\ufeffasync def a(): ...", ["a"]),
    "in any script": ("async def größe(): ...", ["größe"]),
}


@pytest.mark.parametrize(("text", "expected"), TOP_LEVEL.values(), ids=TOP_LEVEL)
def test_public_names_of_a_module_are_at_its_top_level(text: str, expected: list[str]) -> None:
    """Private names are not listed."""
    assert [entry.name for entry in entries_of(encode(text), "m", "m.py")] == expected


BROKEN = {
    "an open bracket": "async def a(x): ...\ny = f(\nasync def b(): ...\n",
    "an open string": "async def a(x): ...\ny = 'it\nasync def b(): ...\n",
    "a name without parameters": "async def\nasync def 1x(): ...\nasync def a(x): ...\nasync def b(): ...\n",
    "an open function": "async def a(x): ...\nasync def b():\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_statement_hides_no_others(text: str) -> None:
    """Statements are separated before they are parsed."""
    assert [entry.name for entry in entries_of(encode(text), "m", "m.py")] == ["a", "b"]


PIECES = (
    "async def a(",
    "async def ",
    "class B(AsyncIterator):",
    "\n    async def __aenter__(self):",
    "\n    def __init__(self, x",
    "\n",
    "\n    ",
    "\r\n\t",
    "if x:",
    "else:",
    "try:",
    "@",
    "asynccontextmanager",
    "__all__ = [",
    "__all__ += ",
    "'a'",
    '"""',
    "'",
    "\\",
    "#",
    "):",
    "yield",
    "\ufffd",
    "ß",
)


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_no_text_makes_it_raise(pieces: list[str]) -> None:
    """However broken the text is, every entry has a name."""
    for entry in entries_of(encode("".join(["async def", *pieces])), "m", "m.py"):
        assert entry.name.isidentifier()
        assert "\n" not in entry.parameters


@given(st.binary())
def test_no_bytes_make_it_raise(data: bytes) -> None:
    """Including texts in other encodings."""
    found = entries_of(b"async def a(x='" + data + b"'): ...\nasync def b(): ...\n", "m", "m.py")
    assert all(entry.module == "m" for entry in found)


# Files


async def test_modules_have_the_names_they_are_imported_by(tmp_path: Path) -> None:
    """Packages by ``__init__.py``, below ``src`` and elsewhere; other folders by their path."""
    files = {
        "top.py": ONE.format("a"),
        "app/__init__.py": ONE.format("b"),
        "app/net.py": ONE.format("c"),
        "app/spaced/deep.py": ONE.format("d"),
        "src/lib/__init__.py": "",
        "src/lib/io.py": ONE.format("e"),
        "src/flat.py": ONE.format("f"),
        "scripts/tool.py": ONE.format("g"),
        "services/api/web/__init__.py": ONE.format("h"),
        # These cannot be imported.
        "my-scripts/tool.py": ONE.format("x"),
        "two words.py": ONE.format("x"),
        "class.py": ONE.format("x"),
        "app/__main__.py": ONE.format("x"),
        "__init__.pyi": ONE.format("x"),
    }
    index = await walked(tmp_path, files)
    assert names(index) == [
        "app.b",
        "app.net.c",
        "app.spaced.deep.d",
        "flat.f",
        "lib.io.e",
        "scripts.tool.g",
        "top.a",
        "web.h",
    ]
    assert {entry.path for entry in index.entries() if entry.name == "c"} == {str(tmp_path / "app" / "net.py")}


async def test_only_the_projects_own_files_count(tmp_path: Path) -> None:
    """No environments, no output of tools, and nothing that the user excludes."""
    files = {
        "app.py": ONE.format("a"),
        "pkg/build/__init__.py": ONE.format("b"),
        **{
            f"{place}/x.py": ONE.format("x")
            for place in (
                ".hidden",
                "web/node_modules/pkg",
                "__pycache__",
                "build/lib",
                "dist",
                "env/lib/site-packages",
                "env/bin",
                "conda/lib",
                "generated/deep",
                "docs/examples",
            )
        },
        "env/pyvenv.cfg": "",
        "conda/conda-meta/history": "",
        "large.py": ONE.format("x") + "#" * index_walk.LARGEST,
        "notes.txt": ONE.format("x"),
    }
    index = await walked(tmp_path, files, "generated", "docs/ex*")
    assert names(index) == ["app.a", "build.b"]


async def test_a_project_may_live_in_an_environment(tmp_path: Path) -> None:
    """Its own folder is read, whatever is in it."""
    index = await walked(tmp_path, {"pyvenv.cfg": "", "app.py": ONE.format("a")})
    assert names(index) == ["app.a"]


async def test_unreadable_files_are_left_out(tmp_path: Path) -> None:
    """Cyclic links, dangling links, folders named like files, files in other encodings."""
    write(tmp_path, {"app/net.py": ONE.format("a"), "folder.py/inner.py": ONE.format("b")})
    (tmp_path / "latin.py").write_bytes("async def c(x='é'): ...\n".encode("latin-1"))
    (tmp_path / "binary.py").write_bytes(bytes(range(256)) + b"async def")
    try:
        (tmp_path / "app" / "round").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "nowhere.py").symlink_to(tmp_path / "missing.py")
    except OSError:
        pytest.skip("links cannot be made here")
    index = await walked(tmp_path, {})
    assert names(index) == ["app.net.a", "latin.c"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
async def test_no_read_waits_for_a_pipe(tmp_path: Path) -> None:
    """Only regular files are opened."""
    os.mkfifo(tmp_path / "pipe.py")
    pipe = os.open(tmp_path / "pipe.py", os.O_RDWR | os.O_NONBLOCK)
    try:
        index = await asyncio.wait_for(walked(tmp_path, {"a.py": ONE.format("a")}), 30)
    finally:
        os.close(pipe)
    assert names(index) == ["a.a"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file at hand that cannot be read")
async def test_a_file_that_fails_to_be_read_has_no_entries(tmp_path: Path) -> None:
    """A process's memory is not read from its start."""
    write(tmp_path, {"a.py": ONE.format("a")})
    (tmp_path / "memory.py").symlink_to("/proc/self/mem")
    assert names(await walked(tmp_path, {})) == ["a.a"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="all files can be read")
async def test_files_without_permission_are_left_out(tmp_path: Path) -> None:
    """Files that cannot be read, folders that cannot be listed, and folders that can only be listed."""
    files = {"a.py": ONE.format("x"), "b/b.py": ONE.format("x"), "c/c.py": ONE.format("x"), "d.py": ONE.format("d")}
    write(tmp_path, files)
    modes = {"a.py": 0, "b": 0, "c": 0o400}
    for name, mode in modes.items():
        (tmp_path / name).chmod(mode)
    index = await walked(tmp_path, {})
    index.update(tmp_path / "c" / "e.py", ONE.format("e").encode())
    found = names(index)
    for name in modes:
        (tmp_path / name).chmod(0o700)
    assert found == ["c.e.e", "d.d"]


async def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Its walk ends at once."""
    index = Index(tmp_path / "missing")
    await index.refresh()
    assert index.complete
    assert not index.entries()


async def test_a_walk_terminates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on the number of files applies; those near the top come first."""
    monkeypatch.setattr(index_walk, "MOST_FILES", 2)
    index = await walked(tmp_path, {f"{place}.py": ONE.format("x") for place in ("a/b", "b/b/b", "b/b/c", "c")})
    assert names(index) == ["a.b.x", "c.x"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/net.py", False),
        ("app/latest.py", False),
        ("app/contest/net.py", False),
        ("app/tests/helpers.py", True),
        ("test/helpers.py", True),
        ("app/test_net.py", True),
        ("app/net_test.py", True),
        ("app/conftest.py", True),
    ],
)
def test_tests_are_known_by_their_paths(path: str, expected: bool) -> None:
    """As pytest finds them, and by the folders that contain them."""
    assert is_test(path) is expected


def test_functions_called_only_by_pytest_are_not_listed() -> None:
    """Test functions are; outside of tests a function of such a name is listed."""
    text = ONE.format("test_connection") + ONE.format("connect")
    assert of(text, "tests/test_net.py") == ["connect() – await"]
    assert of(text, "app/net.py") == ["test_connection() – await", "connect() – await"]


# Changes


def touch(path: Path) -> None:
    """Set a modification time that no walk has seen."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000_000))


async def test_a_walk_sees_what_changed_on_disk(tmp_path: Path) -> None:
    """Changed, new and removed files, and folders that became packages."""
    index = await walked(tmp_path, {"a/net.py": ONE.format("old"), "b.py": ONE.format("b"), "c.py": ONE.format("c")})
    write(tmp_path, {"a/net.py": ONE.format("new"), "d.py": ONE.format("d")})
    touch(tmp_path / "a" / "net.py")
    (tmp_path / "b.py").unlink()
    assert names(index) == ["a.net.old", "b.b", "c.c"]
    await index.refresh()
    assert names(index) == ["a.net.new", "c.c", "d.d"]
    write(tmp_path, {"a/__init__.py": "", "__init__.py": ""})
    await index.refresh()
    assert names(index) == [f"{tmp_path.name}.{name}" for name in ("a.net.new", "c.c", "d.d")]


async def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    """A file with the same time and size."""
    index = await walked(tmp_path, {"a.py": ONE.format("old")})
    before = (tmp_path / "a.py").stat()
    write(tmp_path, {"a.py": ONE.format("new")})
    os.utime(tmp_path / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    await index.refresh()
    assert names(index) == ["a.old"]
    touch(tmp_path / "a.py")
    await index.refresh()
    assert names(index) == ["a.new"]


async def test_an_open_document_wins_over_its_file(tmp_path: Path) -> None:
    """Until it is closed; a walk in between does not change that."""
    index = await walked(tmp_path, {"a.py": ONE.format("saved"), "b.py": ONE.format("b")})
    for name in ("typed", "typed_on"):
        index.update(tmp_path / "a.py", ONE.format(name).encode())
        assert names(index) == [f"a.{name}", "b.b"]
    touch(tmp_path / "a.py")
    await index.refresh()
    assert names(index) == ["a.typed_on", "b.b"]
    index.close(tmp_path / "a.py")
    assert names(index) == ["a.saved", "b.b"]


async def test_an_open_document_needs_no_file(tmp_path: Path) -> None:
    """It only needs a place in the project, and a name."""
    index = await walked(tmp_path, {"app/__init__.py": "", "env/pyvenv.cfg": ""}, "left_out")
    for place in ("app/new.py", "env/x.py", ".x/x.py", "left_out/x.py", "a-b.py", "x.txt"):
        index.update(tmp_path / place, ONE.format("a").encode())
    index.update(tmp_path.with_name("beside.py"), ONE.format("a").encode())
    index.update(tmp_path / "large.py", ONE.format("x").encode() + b"#" * index_walk.LARGEST)
    assert names(index) == ["app.new.a"]


async def test_an_open_document_follows_its_package(tmp_path: Path) -> None:
    """Its module name changes when the folder becomes a package."""
    index = await walked(tmp_path, {"src/services/app/net.py": ONE.format("a")})
    index.update(tmp_path / "src" / "services" / "app" / "net.py", ONE.format("b").encode())
    assert names(index) == ["services.app.net.b"]
    write(tmp_path, {"src/services/app/__init__.py": ""})
    await index.refresh()
    assert names(index) == ["app.net.b"]


async def test_the_file_that_imports_is_left_out(tmp_path: Path) -> None:
    """Both when it is open and when it is not."""
    index = await walked(tmp_path, {"a.py": ONE.format("a"), "b.py": ONE.format("b")})
    assert shown(index.entries(tmp_path / "a.py")) == ["b() – await"]
    index.update(tmp_path / "a.py", ONE.format("c").encode())
    assert shown(index.entries(tmp_path / "a.py")) == ["b() – await"]
    assert names(index) == ["a.c", "b.b"]


# The event loop


async def test_a_walk_does_not_block_the_loop(tmp_path: Path) -> None:
    """Other tasks run in between, and see the entries found so far."""
    files = {f"package_{i // 50}/module_{i}.py": ONE.format(f"f{i}") + "x = 1\n" * 200 for i in range(1000)}
    write(tmp_path, files)
    index = Index(tmp_path)
    assert not index.complete
    seen: list[int] = []

    async def watch() -> None:
        while not index.complete:
            seen.append(len(index.entries()))
            await asyncio.sleep(0)

    await asyncio.gather(index.refresh(), watch())
    assert len(index.entries()) == 1000
    assert seen == sorted(seen)
    assert len(set(seen)) > 10, "the walk was taken in few steps"


async def test_two_concurrent_walks_have_the_result_of_one(tmp_path: Path) -> None:
    """Cancelling one of them is harmless."""
    write(tmp_path, {f"m{i}.py": ONE.format("a") for i in range(50)})
    index = Index(tmp_path)
    first = asyncio.create_task(index.refresh())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    assert not index.complete
    await asyncio.gather(index.refresh(), index.refresh())
    assert len(index.entries()) == 50


async def test_a_walk_does_not_overwrite_a_later_one(tmp_path: Path) -> None:
    """A file created after the first walk had passed is found by the second, and stays."""
    write(tmp_path, {f"package/m{i}.py": ONE.format("a") + "x = 1\n" * 200 for i in range(300)})
    index = Index(tmp_path)
    first = asyncio.create_task(index.refresh())
    while not index.entries():
        await asyncio.sleep(0)
    write(tmp_path, {"new.py": ONE.format("new")})
    await asyncio.gather(first, index.refresh())
    assert "new.new" in names(index)
