"""Problems that users of other servers reported: their cases over the real server."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import LanguageClient

from loopwise.project import Workspace
from marked import cursor
from serving import Client, Servers, capabilities, eventually, first_line, serving
from test_completion_protocol import active
from test_findings_protocol import client_that, shown
from test_notebooks import client_of_notebooks, opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    """A server that pushes diagnostics to its client, for tests that change no settings."""
    async with serving(client=client_that()) as client:
        yield client


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(client: Client, uri: str, text: str) -> list[str]:
    """Return the findings in a text, as code and underlined text."""
    return shown(text, list(client.lsp.diagnostics.get(uri, ())), client.encoding)


async def finds(client: Client, uri: str, text: str, *wanted: str) -> None:
    await eventually(lambda: found(client, uri, text) == [*wanted])
    assert found(client, uri, text) == [*wanted]


# Long lines (microsoft/vscode#22651)

LONG = [
    "S = '{word}'; asyncio.$0",
    "S = '{word}'; await $0",
    "asyncio.wait_for(g('{word}'), $0",
    "{word}.$0",
    "x = {word}$0",
    "asyncio.gather({word}, $0",
    "S = '{word}' ; asyncio.Queue($0",
]


@pytest.mark.parametrize("word", ["abcd", "漢", "_0"], ids=["ascii", "cjk", "digits"])
@pytest.mark.parametrize("line", LONG)
async def test_answers_take_linear_time_in_the_length_of_a_word(client: Client, line: str, word: str) -> None:
    """A word sixteen times as long takes less than sixteen times as long, and each answer comes in a moment."""

    async def took(length: int) -> float:
        text, offset = cursor(f"import asyncio\n{line.format(word=word * (length // len(word.encode())))}\n")
        uri = f"untitled:long-{length}"
        client.open(uri, text)
        start = time.perf_counter()
        await client.completion_at(uri, text, offset)
        await client.signature_at(uri, text, offset)
        await client.hover_at(uri, text, offset)
        client.close(uri)
        return time.perf_counter() - start

    await took(64)
    small, large = min([await took(4_096) for _ in range(2)]), min([await took(65_536) for _ in range(2)])
    assert large < max(16 * small, 0.5), (small, large)


# Calls that are being typed over several lines (microsoft/pyright#1389, #1251, microsoft/pylance-release#6725)

SIGNED = (
    "import asyncio\nfrom asyncio import sleep as asyncsleep\n\n\nasync def f(tg: asyncio.TaskGroup, jobs, asyncx):\n"
)
HALF_TYPED = [
    ("await asyncio.wait_for(\n        asyncio.sleep(1),\n        $0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        x,\n        $0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        a.sleep(1),\n        $0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        asyncio.x,\n        $0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        asyncx.g(),\n        $0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        async_call(),\n        $0", "wait_for", "timeout"),
    ("await asyncio.gather(\n        asyncio.sleep(1),\n        $0", "gather", "*coros_or_futures"),
    ("tg.create_task(\n        asyncio.sleep(1),\n        name=$0", "create_task", "name"),
    ("await asyncio.gather(\n        asyncio.a(), $0", "gather", "*coros_or_futures"),
    ("await asyncio.wait_for(\n        asyncio.sleep(1),\n        timeout=$0", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        asyncio.sleep(1),\n        timeout=$0)", "wait_for", "timeout"),
    ("await asyncio.wait_for(\n        asyncio.sleep(1),\n        $0\n    )", "wait_for", "timeout"),
    # Not reported, but similar: an imported name, a comprehension, a header, calls in calls.
    ("await asyncio.wait_for(\n        asyncsleep(1),\n\n        # a while\n        $0", "wait_for", "timeout"),
    (
        "done, _ = await asyncio.wait(\n        [asyncio.create_task(j) for j in jobs],\n        return_when=$0",
        "wait",
        "return_when",
    ),
    ("async with asyncio.timeout(1), asyncio.Semaphore(\n        $0", "Semaphore", "value"),
    (
        "await asyncio.gather(\n        asyncio.wait_for(\n            async_call(),\n            $0",
        "wait_for",
        "timeout",
    ),
]
BELOW = ["", "\n", "\n    await asyncio.sleep(1)\n", "\n\n\nasync def later():\n    return 1\n"]


@pytest.mark.parametrize("below", BELOW, ids=["at the end", "one line end", "more of the body", "another function"])
@pytest.mark.parametrize(("call", "name", "parameter"), HALF_TYPED)
async def test_a_call_over_several_lines_has_signature_help(
    servers: Servers, call: str, name: str, parameter: str, below: str
) -> None:
    client = await servers.of(capabilities())
    help_ = await client.signature(f"{SIGNED}    {call}{below}")
    assert help_ is not None
    assert re.match(rf"(async )?{name}\(", help_.signatures[help_.active_signature or 0].label)
    assert active(help_).partition(":")[0] == parameter


# Other open files (astral-sh/ty#2119)

ASYNC, PLAIN = "async def work(n):\n    return n\n", "def work(n):\n    return n\n"
USES = "from helper import work\n\n\nasync def main():\n    work(1)\n"


@pytest.mark.parametrize("package", ["", "parts/"])
async def test_findings_follow_the_unsaved_text_of_another_open_file(
    client: Client, tmp_path: Path, package: str
) -> None:
    helper = written(tmp_path, "helper.py", ASYNC).as_uri()
    uri = written(tmp_path, "m.py", USES).as_uri()
    client.open(helper, ASYNC)
    client.open(uri, USES)
    await finds(client, uri, USES, "missing-await: work(1)")
    client.change(helper, 2, PLAIN)
    await finds(client, uri, USES)
    client.change(helper, 3, ASYNC)
    await finds(client, uri, USES, "missing-await: work(1)")
    client.change(helper, 4, PLAIN)
    await finds(client, uri, USES)
    client.close(helper)
    await finds(client, uri, USES, "missing-await: work(1)")
    client.open(helper, PLAIN)
    await finds(client, uri, USES)
    client.close(helper)
    await finds(client, uri, USES, "missing-await: work(1)")
    client.close(uri)


async def test_findings_follow_changes_through_an_intermediate_file(client: Client, tmp_path: Path) -> None:
    written(tmp_path, "between.py", "from helper import work\n")
    helper = written(tmp_path, "helper.py", ASYNC).as_uri()
    text = USES.replace("helper", "between")
    uri = written(tmp_path, "m.py", text).as_uri()
    client.open(helper, ASYNC)
    client.open(uri, text)
    await finds(client, uri, text, "missing-await: work(1)")
    client.change(helper, 2, PLAIN)
    await finds(client, uri, text)
    client.close(helper)
    client.close(uri)


async def test_a_client_that_pulls_is_asked_to_refresh(tmp_path: Path) -> None:
    helper = written(tmp_path, "helper.py", ASYNC).as_uri()
    uri = written(tmp_path, "m.py", USES).as_uri()
    client_ = client_that(pulls=True)
    assert client_.workspace is not None
    client_.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    async with serving(tmp_path, client=client_) as client:
        told: list[object] = []
        client.lsp.protocol.fm.features[types.WORKSPACE_DIAGNOSTIC_REFRESH] = lambda *given: told.append(given)

        async def pulled() -> list[str]:
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            report = await client.lsp.text_document_diagnostic_async(params)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            return shown(USES, report.items, client.encoding)

        client.open(helper, ASYNC)
        client.open(uri, USES)
        assert await pulled() == ["missing-await: work(1)"]
        await asyncio.sleep(1)  # what follows the opening
        told.clear()
        client.change(helper, 2, PLAIN)
        assert await eventually(lambda: told)
        assert await pulled() == []
        told.clear()
        client.change(helper, 3, ASYNC)
        assert await eventually(lambda: told)
        assert await pulled() == ["missing-await: work(1)"]
        client.change(helper, 4, PLAIN)
        assert await eventually(lambda: len(told) > 1)
        assert await pulled() == []
        told.clear()
        client.close(helper)
        assert await eventually(lambda: told)
        assert await pulled() == ["missing-await: work(1)"]


# One file under two names (microsoft/pylance-release#5189)


async def reports(client: Client) -> dict[str, list[types.Diagnostic]]:
    """Return the workspace's diagnostics by URI."""
    report = await client.lsp.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
    return {
        one.uri: list(one.items) if isinstance(one, types.WorkspaceFullDocumentDiagnosticReport) else []
        for one in report.items
    }


BROKEN, FIXED = (
    "import asyncio\nasync def f():\n    asyncio.sleep(1)\n",
    "import asyncio\nasync def f():\n    await asyncio.sleep(1)\n",
)


@pytest.mark.parametrize(
    "spelling", ["raw", "small digits", "needless", "with a host", "link to the file", "link to the folder"]
)
async def test_an_open_file_is_reported_once_under_any_of_its_names(tmp_path: Path, spelling: str) -> None:
    root = tmp_path / "root"
    path = written(root, "café.py", BROKEN)
    other = written(root, "other.py", BROKEN)
    uri = path.as_uri()
    if spelling == "raw":
        uri = uri.replace(quote("é"), "é")
    elif spelling == "small digits":
        uri = uri.replace(quote("é"), quote("é").lower())
    elif spelling == "needless":
        uri = uri.replace("caf", "%63af")
    elif spelling == "with a host":
        uri = uri.replace("file:///", "file://localhost/")
    elif spelling == "link to the file":
        (root / "link.py").symlink_to(path)
        uri = (root / "link.py").as_uri()
    else:
        (tmp_path / "link").symlink_to(root)
        root = tmp_path / "link"
    settings = {"": {"diagnostics": {"scope": "workspace"}}}
    async with serving(root, client=client_that(pulls=True), settings=settings) as client:
        client.open(uri, FIXED)

        async def reported() -> dict[str, list[types.Diagnostic]]:
            return {each: items for each, items in (await reports(client)).items() if items}

        left = await eventually(reported)
        assert [Path(each).name for each in left] == [other.name], left


async def test_unsaved_text_counts_when_a_file_is_open_under_another_name(client: Client, tmp_path: Path) -> None:
    root = tmp_path / "root"
    written(root, "helper.py", PLAIN)
    uri = written(root, "m.py", USES).as_uri()
    (tmp_path / "link").symlink_to(root)
    client.open((tmp_path / "link" / "helper.py").as_uri(), ASYNC)
    client.open(uri, USES)
    await finds(client, uri, USES, "missing-await: work(1)")
    client.close((tmp_path / "link" / "helper.py").as_uri())
    client.close(uri)


@pytest.mark.parametrize("name", ["my-script.py", "a b.py", "(g)/[id]@x.py", "class.py", "__main__.py"])
async def test_files_that_cannot_be_imported_are_reported_too(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, BROKEN)
    settings = {"": {"diagnostics": {"scope": "workspace"}}}
    async with serving(tmp_path, client=client_that(pulls=True), settings=settings) as client:

        async def reported() -> list[types.Diagnostic] | None:
            return (await reports(client)).get(path.as_uri())

        assert await eventually(reported)


# Settings (astral-sh/ruff#19889)

GOOD = '[project]\nname = "x"\nrequires-python = ">=3.12"\n[tool.loopwise]\nignore = ["missing-await"]\n'
HALF = [GOOD + "sele", GOOD + "select = [", GOOD[:-1] + "\nselect = '", GOOD + "<<<<<<< HEAD\n", GOOD[:-3]]


async def test_the_last_valid_settings_apply_while_pyproject_is_half_typed(client: Client, tmp_path: Path) -> None:
    """One message says so, however the text continues."""
    path = written(tmp_path, "pyproject.toml", GOOD)
    text = BROKEN + "    await asyncio.timeout(1)\n"
    uri = (tmp_path / "m.py").as_uri()
    client.open(uri, text)
    await finds(client, uri, text, "timeout-not-entered: asyncio.timeout(1)")  # so the good settings have been read
    before = len(client.messages)
    for number, half in enumerate(HALF, 2):
        written(tmp_path, "pyproject.toml", half)
        client.changed_on_disk(path)
        client.change(uri, number, text + "\n" * number)
        await asyncio.sleep(0.2)
        assert "missing-await" not in str(found(client, uri, text + "\n" * number)), half
        assert "asyncio.timeout" in await client.first_line("import asyncio\nasyncio.time$0out(1)\n", tmp_path)
    assert "pyproject.toml: cannot be read" in await client.the_message(before)
    written(tmp_path, "pyproject.toml", "[tool.loopwise]\n")
    client.changed_on_disk(path)
    assert await eventually(lambda: [one for one in found(client, uri, text + "\n" * 6) if "missing-await" in one])
    client.close(uri)


async def test_a_byte_order_mark_is_harmless(client: Client, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b'\xef\xbb\xbf[tool.loopwise]\r\ntarget-version = "3.10"\r\n')
    before = len(client.messages)
    line = await client.first_line("import asyncio\nasyncio.time$0out(1)\n", tmp_path)
    assert line.startswith("asyncio.timeout is not in Python 3.10")
    assert client.messages[before:] == []


@pytest.mark.parametrize("options", [{"hover": None}, {"loopwise": {"hover": None, "diagnostics": None}}], ids=str)
async def test_null_for_a_group_of_settings_changes_nothing(options: object) -> None:
    async with serving(options=options) as client:
        assert "asyncio.sleep" in await client.first_line("import asyncio\nasyncio.sl$0eep(1)\n")
        assert client.messages == []


@pytest.mark.parametrize("half", HALF)
def test_a_workspace_keeps_the_last_valid_settings(tmp_path: Path, half: str) -> None:
    path = written(tmp_path, "pyproject.toml", GOOD)
    workspace = Workspace([tmp_path])
    good = workspace.root(tmp_path / "m.py")
    path.write_text(half, encoding="utf-8")
    workspace.reload()
    now = workspace.root(tmp_path / "m.py")
    assert (now.settings, now.target) == (good.settings, good.target)


# Languages (astral-sh/ruff-vscode#1000)


@pytest.mark.parametrize("language", ["markdown", "toml", "plaintext", "cython", "restructuredtext"])
async def test_texts_in_other_languages_are_ignored(client: Client, language: str) -> None:
    uri, (text, offset) = f"untitled:{language}", cursor("import asyncio\nasync def f():\n    asyncio.sl$0eep(1)\n")
    document = types.TextDocumentItem(uri, language, 1, text)
    client.lsp.text_document_did_open(types.DidOpenTextDocumentParams(document))
    client.change(uri, 2, text)
    assert await client.hover_at(uri, text, offset) is None
    assert await client.completion_at(uri, text, offset) is None
    assert client.lsp.diagnostics.get(uri, ()) == ()
    client.close(uri)
    assert "asyncio.sleep" in await client.first_line("import asyncio\nasyncio.sl$0eep(1)\n", uri=uri)


@pytest.mark.parametrize("language", ["python", "Python", "python-ts", ""])
async def test_python_texts_are_checked_whatever_their_name(client: Client, language: str) -> None:
    uri, (text, offset) = f"untitled:as-{language}", cursor("import asyncio\nasyncio.sl$0eep(1)\n")
    document = types.TextDocumentItem(uri, language, 1, text)
    client.lsp.text_document_did_open(types.DidOpenTextDocumentParams(document))
    assert "asyncio.sleep" in first_line(await client.hover_at(uri, text, offset))
    client.close(uri)


# Clients that do not answer (joaotavora/eglot#432, microsoft/python-language-server#2139)


class Mute:
    """A client that answers the server's requests late, with an error, with null or not at all."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.late = asyncio.Event()

    def install(self, lsp: LanguageClient, settings: object) -> None:
        async def configuration(*_: object) -> Any:
            if self.answer == "late":
                await self.late.wait()
                return [settings]
            if self.answer in {"never", "never to registration"}:
                await self.late.wait()
            return None

        if self.answer != "never to registration":
            lsp.protocol.fm.features[types.WORKSPACE_CONFIGURATION] = configuration
        lsp.protocol.fm.features[types.CLIENT_REGISTER_CAPABILITY] = configuration


def asked_for_all(*, pulls: bool) -> types.ClientCapabilities:
    made = client_that(pulls=pulls)
    assert made.workspace is not None
    made.workspace.did_change_watched_files = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    return made


@pytest.mark.parametrize("answer", ["null", "never", "never to registration", "late"])
async def test_a_client_that_does_not_answer_delays_by_a_second(answer: str) -> None:
    """Its late answer takes effect from then on, without a message."""
    mute = Mute(answer)
    async with serving(client=asked_for_all(pulls=True), before=lambda lsp: mute.install(lsp, OFF)) as client:
        uri = "untitled:slow"
        client.open(uri, BROKEN)
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        start = time.perf_counter()
        report = await client.lsp.text_document_diagnostic_async(params)
        took = time.perf_counter() - start
        start = time.perf_counter()
        async with serving(client=asked_for_all(pulls=True)) as other:
            other.open(uri, BROKEN)
            await other.lsp.text_document_diagnostic_async(params)
        assert took < time.perf_counter() - start + 2, "than a start with a client that answers at once"
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert shown(BROKEN, report.items, client.encoding) == ["missing-await: asyncio.sleep(1)"]
        if answer == "late":
            await asyncio.sleep(1)
            mute.late.set()

            async def off() -> bool:
                again = await client.lsp.text_document_diagnostic_async(params)
                return isinstance(again, types.RelatedFullDocumentDiagnosticReport) and not again.items

            assert await eventually(off)
        assert client.messages == []
        mute.late.set()


OFF = {"diagnostics": {"enable": False}}


# Notebooks (microsoft/vscode-jupyter#8388, astral-sh/ruff#12573)

SPLIT = "# ---\n"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def notebooks() -> AsyncIterator[Client]:
    async with serving(client=client_of_notebooks()) as client:
        yield client


@pytest.mark.parametrize("end", ["del \\", "x = 1 + \\", "assert True, \\"])
async def test_a_backslash_at_the_end_of_a_cell_does_not_join_it_to_the_next(notebooks: Client, end: str) -> None:
    cells = f"import asyncio\n{SPLIT}{end}\n{SPLIT}asyncio.sleep(1)\nasyncio.sleep(2)\n"
    async with opened(notebooks, cells) as notebook:
        await notebook.finds([], [], ["missing-await: asyncio.sleep(1)", "missing-await: asyncio.sleep(2)"])


async def test_the_first_line_after_a_backslash_keeps_its_meaning(notebooks: Client) -> None:
    half, blocks = "x = 1 + \\", "import time\nasync def g():\n    time.sleep(1)"
    async with opened(notebooks, f"import asyncio\n{SPLIT}{half}\n{SPLIT}{blocks}\n") as notebook:
        await notebook.finds([], [], ["blocking-sleep: time.sleep(1)"])
    async with opened(notebooks, f"import asyncio\n{SPLIT}{half}\n{SPLIT}asyncio.sleep(77)\n") as notebook:
        await notebook.finds([], [], ["missing-await: asyncio.sleep(77)"])


async def test_a_cell_that_is_moved_in_two_steps_keeps_its_text(notebooks: Client) -> None:
    async with opened(notebooks, f"import asyncio\n{SPLIT}asyncio.sleep(1)\n{SPLIT}x = 1\n") as notebook:
        await notebook.finds([], ["missing-await: asyncio.sleep(1)"], [])
        uri, text = notebook.uris.pop(1), notebook.texts.pop(1)
        array = types.NotebookCellArrayChange(1, 1)
        structure = types.NotebookDocumentCellChangeStructure(array)
        notebook._change(types.NotebookDocumentCellChanges(structure=structure))
        await notebook.finds([], [])
        cell = types.NotebookCell(types.NotebookCellKind.Code, uri)
        structure = types.NotebookDocumentCellChangeStructure(types.NotebookCellArrayChange(2, 0, [cell]))
        notebook.uris.append(uri)
        notebook.texts.append(text)
        notebook._change(types.NotebookDocumentCellChanges(structure=structure))
        await notebook.finds([], [], ["missing-await: asyncio.sleep(1)"])


AS_TEXT = [
    ("import asyncio\nawait asyncio.sleep(1)\n", []),
    ("import asyncio\nasync def f(): ...\nasyncio.run(f())\n", ["run-in-running-loop: asyncio.run(f())"]),
    ("import asyncio\nasync def f(): ...\n%timeit f()\n", []),
    ("import asyncio\nasyncio.sleep(1)\n", ["missing-await: asyncio.sleep(1)"]),
]


@pytest.mark.parametrize(("text", "wanted"), AS_TEXT)
async def test_a_text_that_is_called_ipynb_is_a_notebook(
    client: Client, tmp_path: Path, text: str, wanted: list[str]
) -> None:
    """JupyterLab sends all cells as one text."""
    uri = (tmp_path / "book.ipynb").as_uri()
    client.open(uri, "import asyncio\nasyncio.gather()\n")
    client.change(uri, 7, text)
    await finds(client, uri, text, *wanted)
    name = text.rindex("asyncio")
    assert "asyncio" in first_line(await client.hover_at(uri, text, name))
    client.close(uri)
    await eventually(lambda: not client.lsp.diagnostics.get(uri))
    assert await client.hover_at(uri, text, name) is None


# Unicode (astral-sh/ruff#5003)

COMPOSED, APART = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(("defined", "called"), [(COMPOSED, APART), (APART, COMPOSED), ("ﬁle", "file"), ("µs", "μs")])
async def test_names_that_differ_only_in_normalization_are_equal(client: Client, defined: str, called: str) -> None:
    text = f"import asyncio\n\n\nasync def {defined}(): ...\n\n\nasync def main():\n    {called}()\n"
    uri = f"untitled:unicode-{len(defined)}-{len(called)}-{ord(defined[0])}"
    client.open(uri, text)
    await finds(client, uri, text, f"missing-await: {called}()")
    assert await client.hover_at(uri, text, text.rindex(called)) is not None
    client.close(uri)


# The grammar of new Pythons (tree-sitter/tree-sitter-python#348, #346)

PEP_758 = [
    "except ValueError, asyncio.CancelledError:",
    "except asyncio.CancelledError, ValueError:",
    "except (ValueError, asyncio.CancelledError):",
    "except ValueError, BaseException:",
    "except ValueError, KeyError, asyncio.CancelledError:",
    "except ValueError, KeyError, OSError, asyncio.CancelledError:",
    "except* ValueError, asyncio.CancelledError:",
]


@pytest.mark.parametrize("clause", PEP_758)
async def test_all_exceptions_without_parentheses_are_recognized(client: Client, clause: str) -> None:
    body = "    while True:\n        try:\n            await asyncio.sleep(1)\n"
    text = f"import asyncio\n\n\nasync def f():\n{body}        {clause}\n            pass\n"
    uri = f"untitled:pep758-{PEP_758.index(clause)}"
    client.open(uri, text)
    await eventually(lambda: found(client, uri, text))
    assert [one.partition(":")[0] for one in found(client, uri, text)] == ["cancelled-not-reraised"]
    client.close(uri)


@pytest.mark.parametrize("clause", ["except* ValueError, asyncio.CancelledError:", "except* A, B, OSError:"])
async def test_exception_groups_without_parentheses_are_harmless(client: Client, clause: str) -> None:
    text = f"import asyncio\nasync def f():\n    try:\n        await g()\n    {clause}\n        asyncio.sleep(1)\n"
    uri = f"untitled:pep758-group-{len(clause)}"
    client.open(uri, text)
    await eventually(lambda: found(client, uri, text))
    assert "missing-await: asyncio.sleep(1)" in found(client, uri, text)
    client.close(uri)


TYPE_PARAMETERS = ["[T = asyncio.Ev$0ent]", "[T: Base = asyncio.Ev$0ent]"]


@pytest.mark.parametrize("parameters", TYPE_PARAMETERS)
@pytest.mark.parametrize("head", ["class C{}: ...", "def f{}(): ...", "type A{} = list"])
async def test_type_parameter_defaults_are_read(client: Client, parameters: str, head: str) -> None:
    assert "asyncio.Event" in await client.first_line(f"import asyncio\n{head.format(parameters)}\n")


TYPE_COMMENTS = [
    ("q = make()  # type: asyncio.Que$0ue", "asyncio.Queue"),
    ("q = make()  # type: asyncio.Que$0ue[int]", "asyncio.Queue"),
    ("q = make()  # type: Optional[asyncio.Ev$0ent]", "asyncio.Event"),
    ("for x in make():  # type: asyncio.Fut$0ure\n    pass", "asyncio.Future"),
    ("with make() as x:  # type: asyncio.Lo$0ck\n    pass", "asyncio.Lock"),
    ("def g(a):\n    # type: (asyncio.Ev$0ent) -> None\n    pass", "asyncio.Event"),
    ("def g(a):\n    # type: (int) -> asyncio.Ta$0sk[int]\n    pass", "asyncio.Task"),
    ("y = 1  # type: ignore[asyncio.Lo$0ck]", None),
    ("y = 1  # asyncio.Lo$0ck", None),
]


@pytest.mark.parametrize(("code", "name"), TYPE_COMMENTS)
async def test_type_comments_have_hovers(client: Client, code: str, name: str | None) -> None:
    hover = await client.hover(f"import asyncio\nfrom typing import Optional\n\n{code}\n")
    assert (hover is not None) == (name is not None)
    assert name is None or f"class {name}(" in first_line(hover)


# Imports that hold for types only (microsoft/pyright#2440)


async def test_a_type_checking_import_does_not_exist_at_run_time(client: Client) -> None:
    only = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import asyncio\n\n\n"
    offered = await client.completion(f"{only}async def f():\n    await sl$0\n")
    assert offered is not None
    item = next(item for item in offered.items if item.label.endswith("sleep"))
    edits = list(item.additional_text_edits or ())
    assert ["import asyncio" in edit.new_text for edit in edits] == [True]


# Kinds and clients without literals


async def test_the_kinds_of_actions_that_are_offered_are_announced(client: Client) -> None:
    provider = client.result.capabilities.code_action_provider
    assert isinstance(provider, types.CodeActionOptions)
    announced = [str(getattr(kind, "value", kind)) for kind in provider.code_action_kinds or ()]
    for marked in ("import asyncio\n$0\n", "import asyncio\nasync def f():\n    await asyncio.sl$0eep(1)\n", "$0"):
        async with client.opened(marked) as (uri, text, offset):
            place = client.range(text, offset, offset)
            params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, types.CodeActionContext([]))
            for action in await client.lsp.text_document_code_action_async(params) or ():
                kind = str(getattr(action, "kind", ""))
                assert any(kind == one or kind.startswith(f"{one}.") for one in announced), (kind, announced)


async def test_a_client_without_action_literals_gets_commands(servers: Servers) -> None:
    plain = await servers.of(capabilities())
    async with plain.opened("import asyncio\nasync def f():\n    asyncio.sl$0eep(1)\n") as (uri, text, offset):
        place = plain.range(text, offset, offset)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, types.CodeActionContext([]))
        offered = await plain.lsp.text_document_code_action_async(params)
        assert offered
        assert all(isinstance(one, types.Command) for one in offered), offered


async def test_the_command_in_place_of_an_action_makes_its_edit(servers: Servers) -> None:
    plain = await servers.of(capabilities())
    made: list[types.WorkspaceEdit] = []

    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        made.append(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    plain.lsp.protocol.fm.features[types.WORKSPACE_APPLY_EDIT] = apply
    async with plain.opened("import asyncio\nasync def f():\n    asyncio.sl$0eep(1)\n") as (uri, text, offset):
        place = plain.range(text, offset, offset)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, types.CodeActionContext([]))
        first = (await plain.lsp.text_document_code_action_async(params) or ())[0]
        assert isinstance(first, types.Command)
        await plain.lsp.workspace_execute_command_async(types.ExecuteCommandParams(first.command, first.arguments))
        assert [edit.new_text for edit in (made[0].changes or {})[uri]] == ["await "]
