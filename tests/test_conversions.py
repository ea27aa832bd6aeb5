"""``loopwise make-async`` on the projects of ``conversions.md``: each file afterwards, or the reason for a refusal."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from lsprotocol import types

from assist_programs import LAB, PYTHONS, Program, differences, programs, python_of, records, wrong
from loopwise.cli.main import main
from loopwise.graph import Ref
from loopwise.lsp.graph_process import Convert, GraphProcess, Question
from marked import MARK, cursor, place
from sections import FENCE, raw_sections, title_of
from serving import Client, serving

PAGE = Path(__file__).with_name("conversions.md").read_text("utf-8")


class Section(NamedTuple):
    """A project and the expected result."""

    title: str
    files: dict[str, str]
    """Its files, without the cursor."""
    at: tuple[str, int, int]
    """File of the cursor, its line (from 1) and offset (code points)."""
    after: dict[str, str]
    refused: str

    @property
    def options(self) -> list[str]:
        """Options of the command."""
        return ["--reverse"] if self.title.startswith("Back: ") else []

    def __str__(self) -> str:
        return self.title


def sections() -> Iterator[Section]:
    for raw in raw_sections(PAGE):
        found = list(FENCE.finditer(raw))
        before = {one["name"]: one["text"] for one in found if one["language"] == "python"}
        name = next(name for name, text in before.items() if MARK in text)
        text, offset = cursor(before[name])
        line = place(text, offset).line + 1
        after = {one["name"]: one["text"] for one in found if one["language"] == "text" and one["name"]}
        refused = next((one["text"].strip() for one in found if one["language"] == "text" and not one["name"]), "")
        yield Section(title_of(raw), {**before, name: text}, (name, line, offset), after, refused)


SECTIONS = list(sections())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lay_out(section: Section, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("", "utf-8")
    for name, text in section.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def texts(section: Section, folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in section.files}


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_in_the_shell(section: Section, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All files are changed or none, and the result compiles."""
    lay_out(section, folder)
    name, line, _ = section.at
    code = main(["make-async", f"{name}:{line}", *section.options])
    if section.refused:
        assert code == 1
        assert section.refused in capsys.readouterr().err
        assert texts(section, folder) == section.files
        return
    assert code == 0, capsys.readouterr().err
    assert texts(section, folder) == {**section.files, **section.after}
    for text in section.after.values():
        compile(text, "after", "exec")


def test_git_accepts_the_diff(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Asking for it changes nothing."""
    section = SECTIONS[0]
    lay_out(section, folder)
    subprocess.run(["git", "init", "-q"], check=True, cwd=folder)
    name, line, _ = section.at
    assert main(["make-async", f"{name}:{line}", "--diff"]) == 0
    diff = capfdbinary.readouterr().out
    assert texts(section, folder) == section.files
    subprocess.run(["git", "apply"], input=diff, check=True, cwd=folder)
    assert texts(section, folder) == {**section.files, **section.after}


def test_typos_are_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(SECTIONS[0], folder)
    for place_, words in (("net.py", "not a place"), ("no.py:1", "no such file"), ("net.py:1", "no function")):
        assert main(["make-async", place_]) == 2
        assert words in capsys.readouterr().err


CLIENT = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            code_action_literal_support=types.ClientCodeActionLiteralOptions(types.ClientCodeActionKindOptions([])),
            data_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
        )
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True, change_annotation_support=types.ChangeAnnotationsSupportOptions()
        )
    ),
)


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with serving(folder, client=CLIENT) as client:
        yield client


async def chosen(client: Client, section: Section, folder: Path) -> types.CodeAction:
    """Return the action at the cursor, resolved."""
    name, _, offset = section.at
    uri, text = (folder / name).as_uri(), section.files[name]
    client.open(uri, text)
    at = client.position(text, offset)
    context = types.CodeActionContext([], only=[types.CodeActionKind.Refactor])
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(at, at), context)
    actions = await client.lsp.text_document_code_action_async(params) or ()
    found = [one for one in actions if isinstance(one, types.CodeAction) and one.title.endswith("callers included")]
    assert len(found) == 1
    return await client.lsp.code_action_resolve_async(found[0])


def applied(section: Section, folder: Path, edit: types.WorkspaceEdit) -> dict[str, str]:
    """Apply a workspace edit; columns are code points, as the texts are plain ASCII."""
    after = dict(section.files)
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        name = os.path.relpath(change.text_document.uri.removeprefix("file://"), folder)
        lines = after[name].splitlines(keepends=True)
        for one in sorted(
            change.edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
        ):
            assert isinstance(one, types.AnnotatedTextEdit)
            assert one.range.start.line == one.range.end.line
            line = lines[one.range.start.line]
            lines[one.range.start.line] = (
                line[: one.range.start.character] + one.new_text + line[one.range.end.character :]
            )
        after[name] = "".join(lines)
    return after


BACK = next(one for one in SECTIONS if one.options)


@pytest.mark.parametrize("section", [*SECTIONS[:2], BACK], ids=str)
async def test_in_an_editor(client: Client, folder: Path, section: Section) -> None:
    """A single workspace edit, whose annotations say why each part is made."""
    lay_out(section, folder)
    action = await chosen(client, section, folder)
    assert action.edit is not None
    assert applied(section, folder, action.edit) == {**section.files, **section.after}
    annotations = action.edit.change_annotations or {}
    assert set(annotations) >= ({"plain", "unawaited"} if section.options else {"definition", "await"})
    if "boundary" in annotations:
        assert annotations["boundary"].needs_confirmation


@pytest.mark.parametrize("after", [0, 0.2], ids=["while it starts", "while it plans"])
async def test_a_cancelled_plan_leaves_the_process_usable(folder: Path, after: float) -> None:
    """A plan is dropped with its process; the next question starts another one."""
    section = SECTIONS[0]
    lay_out(section, folder)
    files, process = tuple(str(folder / name) for name in section.files), GraphProcess()
    question = Question((), (), (), among=files, convert=Convert(Ref(files[0], "fetch"), "async"))
    cancelled = asyncio.ensure_future(process.convert([folder], [], question))
    await asyncio.sleep(after)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    found = await process.convert([folder], [], question)
    assert found is not None
    assert {change.path for change in found.changes} == set(files)
    await process.close()


async def test_a_refusal_is_shown(client: Client, folder: Path) -> None:
    section = next(one for one in SECTIONS if one.refused.startswith("app.py:4: Python"))
    lay_out(section, folder)
    action = await chosen(client, section, folder)
    assert action.edit is None
    assert section.refused in await client.the_message()


PROGRAMS = list(programs([Path(__file__).with_name("conversion_programs.md")]))


class Converted(NamedTuple):
    """The files of a program after the command; none with the reason for a refusal."""

    program: Program
    files: dict[str, str]
    refused: str


def converted(program: Program, folder: Path) -> Converted:
    """Run the command on a program, as the only project of a folder."""
    files = {"pyproject.toml": "", "main.py": program.source, "lab.py": LAB, **program.files}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    line = program.text[: program.text.index(MARK)].count("\n") + 1
    options = ["--reverse"] if program.title.startswith("Back: ") else []
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main(["make-async", f"{folder / 'main.py'}:{line}", *options])
    assert code == (1 if said.getvalue() else 0)
    return Converted(program, {name: (folder / name).read_text("utf-8") for name in files}, said.getvalue())


@pytest.fixture(scope="module")
def all_converted(tmp_path_factory: pytest.TempPathFactory) -> list[Converted]:
    return [converted(one, tmp_path_factory.mktemp("program")) for one in PROGRAMS]


def test_programs_are_refused_as_they_say(all_converted: list[Converted]) -> None:
    slips = [
        f"{one.program}: {one.refused or 'converted'}"
        for one in all_converted
        if bool(one.refused) != ("refused" in one.program.expect)
        or one.program.expect.get("refused", "") not in one.refused
    ]
    assert "\n".join(slips) == ""


@pytest.mark.parametrize("version", PYTHONS)
def test_programs_behave_as_before(version: str, all_converted: list[Converted]) -> None:
    """Output, result, exception, remaining tasks, names and warnings are as before."""
    python = sys.executable if version == f"{sys.version_info[0]}.{sys.version_info[1]}" else python_of(version)
    if python is None:
        pytest.skip(f"Python {version} is not here")
    made = [one for one in all_converted if not one.refused]
    texts = [(one.program.source, one.program.files) for one in made]
    later = [(one.files["main.py"], {name: one.files[name] for name in one.program.files}) for one in made]
    found = records(python, [*texts, *later])
    slips = [
        f"{one.program}\n{said}\n{one.files['main.py']}"
        for one, before, now in zip(made, found, found[len(made) :], strict=False)
        if (said := wrong(one.program, differences(before, now)))
    ]
    assert "\n\n".join(slips) == ""
