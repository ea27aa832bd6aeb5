"""Diagnostics and code actions as a client sees them: a real process, the real protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled
from pygls.uris import from_fs_path

from marked import place
from serving import NEOVIM, PATIENCE, Client, Servers, capabilities, eventually, serving, text_of

SLEEPS = """\
import asyncio
import time

async def main():
    s = "🦊"; time.sleep(1)
    asyncio.sleep(2)
    time.sleep(3)
"""
FIXED = """\
import asyncio

async def main():
    s = "🦊"; await asyncio.sleep(1)
    await asyncio.sleep(2)
    await asyncio.sleep(3)
"""
KEEPS = "import asyncio\n\nasync def main():\n    asyncio.create_task(main())\n    await main()\n"


def client_that(*, pulls: bool = False, resolves: bool = True, snippets: bool = False) -> types.ClientCapabilities:
    """Return a client that pushes or pulls, and resolves actions or gets them whole."""
    tags = types.ClientDiagnosticsTagOptions([types.DiagnosticTag.Unnecessary, types.DiagnosticTag.Deprecated])
    kinds = types.ClientCodeActionKindOptions([])
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                related_information=True, tag_support=tags, version_support=True, code_description_support=True
            ),
            diagnostic=types.DiagnosticClientCapabilities() if pulls else None,
            code_action=types.CodeActionClientCapabilities(
                code_action_literal_support=types.ClientCodeActionLiteralOptions(kinds),
                is_preferred_support=True,
                disabled_support=True,
                data_support=resolves,
                resolve_support=types.ClientCodeActionResolveOptions(["edit"]) if resolves else None,
            ),
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True, snippet_edit_support=snippets),
            workspace_folders=True,
            configuration=True,
        ),
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    """A server that pushes diagnostics to its client, for tests that change no settings."""
    async with serving(client=client_that()) as client:
        yield client


async def published(client: Client, uri: str, version: int | None = None) -> list[types.Diagnostic]:
    """Wait for the diagnostics of a document (at a version) and return them."""
    seen: list[list[types.Diagnostic]] = []

    def look() -> bool:
        if uri in client.lsp.diagnostics and (version is None or versions(client).get(uri) == version):
            seen.append(list(client.lsp.diagnostics[uri]))
        return bool(seen and seen[-1])

    await eventually(look, PATIENCE if version is None else 3)
    return seen[-1] if seen else []


def versions(client: Client) -> dict[str, int | None]:
    found = getattr(client.lsp, "published_versions", None)
    if found is None:
        found = client.lsp.published_versions = {}
        plain = client.lsp.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

        def note(*given: object) -> object:
            params = given[-1]
            assert isinstance(params, types.PublishDiagnosticsParams)
            found[params.uri] = params.version
            return plain(*given)

        client.lsp.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = note
    return found


def shown(text: str, found: Sequence[types.Diagnostic], encoding: str) -> list[str]:
    """Return diagnostics as their codes and the underlined texts."""
    offsets = {tuple(place(text, at, encoding)): at for at in range(len(text) + 1)}

    def at(position: types.Position) -> int:
        return offsets[position.line, position.character]

    return [f"{each.code}: {text[at(each.range.start) : at(each.range.end)]}" for each in found]


async def actions(
    client: Client, uri: str, text: str, at: str, only: Sequence[str] | None = None
) -> list[types.CodeAction]:
    """Return the actions offered at the first occurrence of ``at``."""
    offset = text.index(at)
    context = types.CodeActionContext(list(client.lsp.diagnostics.get(uri, ())), only)
    place_ = client.range(text, offset, offset)
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place_, context)
    found = await client.lsp.text_document_code_action_async(params)
    return [each for each in found or () if isinstance(each, types.CodeAction)]


def after(text: str, edit: types.WorkspaceEdit | None, encoding: str) -> str:
    """Return the text after a workspace edit of its document."""
    assert edit is not None
    assert edit.document_changes is not None
    (change,) = edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    offsets = {tuple(place(text, at, encoding)): at for at in range(len(text) + 1)}
    places = [
        (offsets[one.range.start.line, one.range.start.character], offsets[one.range.end.line, one.range.end.character])
        for one in change.edits
    ]
    for (start, end), one in sorted(zip(places, change.edits, strict=True), key=lambda each: each[0], reverse=True):
        new = one.new_text if isinstance(one, types.TextEdit) else one.snippet.value
        text = text[:start] + new + text[end:]
    return text


async def chosen(client: Client, found: Sequence[types.CodeAction], title: str) -> types.CodeAction:
    """Return the action of a title, with its edit."""
    (action,) = [each for each in found if each.title == title]
    return action if action.edit is not None else await client.lsp.code_action_resolve_async(action)


# Diagnostics


async def test_findings_are_published_with_codes_fixes_and_related_places(client: Client) -> None:
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        found = await published(client, uri)
        assert shown(text, found, client.encoding) == [
            "blocking-sleep: time.sleep(1)",
            "missing-await: asyncio.sleep(2)",
            "blocking-sleep: time.sleep(3)",
        ]
        assert {each.source for each in found} == {"loopwise"}
        assert found[0].severity == types.DiagnosticSeverity.Warning
        assert found[1].severity == types.DiagnosticSeverity.Error
        assert found[0].code_description is not None
        assert found[0].code_description.href.endswith("RULES.md#blocking-sleep")
    await eventually(lambda: not client.lsp.diagnostics[uri])
    assert not client.lsp.diagnostics[uri], "closing clears"


async def test_each_key_is_answered_with_its_version(client: Client) -> None:
    versions(client)
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        await published(client, uri)
        for version, new in enumerate(("\n    time.sleep(4)", "\n    time.sleep(4)\n    x = 1"), 2):
            client.change(uri, version, text + new)
            found = await published(client, uri, version)
            assert len(found) == 4
            assert versions(client)[uri] == version


async def test_half_typed_code_neither_clears_nor_floods(client: Client) -> None:
    versions(client)
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        before = shown(text, await published(client, uri), client.encoding)
        half = text.replace("time.sleep(3)", "time.sleep(3)\n    x = print(")
        client.change(uri, 2, half)
        assert shown(half, await published(client, uri, 2), client.encoding) == before


async def test_diagnostics_can_be_switched_off() -> None:
    settings = {"": {"diagnostics": {"enable": False}}}
    async with serving(client=client_that(), settings=settings) as client, client.opened(f"$0{SLEEPS}") as opened:
        uri, text, _ = opened
        assert await eventually(lambda: _same(actions(client, uri, text, "time.sleep(1)"), []))
        assert not client.lsp.diagnostics.get(uri)


async def test_settings_choose_rules_and_severities(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.loopwise]\nignore = ["missing-await"]\n[tool.loopwise.severity]\nblocking-sleep = "hint"\n', "utf-8"
    )
    async with serving(tmp_path, client=client_that()) as client, client.opened(f"$0{SLEEPS}", tmp_path) as (uri, _, _):
        found = await published(client, uri)
        assert [each.code for each in found] == ["blocking-sleep", "blocking-sleep"]
        assert {each.severity for each in found} == {types.DiagnosticSeverity.Hint}


@pytest.mark.parametrize(("setting", "count"), [("", 0), ("check-excluded = true\n", 2)])
async def test_an_excluded_file_is_checked_only_on_request(setting: str, count: int, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.loopwise]\n{setting}exclude = ["gen"]\n', "utf-8")
    (tmp_path / "gen").mkdir()
    async with serving(tmp_path, client=client_that()) as client, client.opened(f"$0{SLEEPS}", tmp_path) as opened:
        await published(client, opened[0])  # a file beside it is checked
        async with client.opened(f"$0{SLEEPS}", tmp_path / "gen") as (uri, _, _):
            if count:
                assert [each.code for each in await published(client, uri)].count("blocking-sleep") == count
            else:
                await asyncio.sleep(0.5)
                assert not client.lsp.diagnostics.get(uri)


async def test_another_tools_configuration_is_read_again_when_it_changes(tmp_path: Path) -> None:
    async with serving(tmp_path, client=client_that()) as client, client.opened(f"$0{SLEEPS}", tmp_path) as (uri, _, _):
        assert "blocking-sleep" in [each.code for each in await published(client, uri)]
        (tmp_path / "ruff.toml").write_text('lint.select = ["ASYNC"]\n', "utf-8")
        change = types.FileEvent(from_fs_path(str(tmp_path / "ruff.toml")) or "", types.FileChangeType.Created)
        client.lsp.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))

        def left() -> bool:
            return "blocking-sleep" not in [each.code for each in client.lsp.diagnostics.get(uri, ())]

        assert await eventually(left)


async def test_diagnostics_are_not_pushed_to_a_client_that_pulls() -> None:
    async with serving(client=client_that(pulls=True)) as client, client.opened(f"$0{SLEEPS}") as (uri, text, _):
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await client.lsp.text_document_diagnostic_async(params)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert len(report.items) == 3
        params.previous_result_id = report.result_id
        again = await client.lsp.text_document_diagnostic_async(params)
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
        client.change(uri, 2, text + "    time.sleep(4)\n")
        changed = await client.lsp.text_document_diagnostic_async(params)
        assert isinstance(changed, types.RelatedFullDocumentDiagnosticReport)
        assert len(changed.items) == 4
        assert uri not in client.lsp.diagnostics


@pytest.mark.parametrize(("scope", "files"), [("open", ["opened"]), ("workspace", ["opened", "other"])])
async def test_the_workspace_can_be_pulled(tmp_path: Path, scope: str, files: list[str]) -> None:
    (tmp_path / "other.py").write_text(SLEEPS, "utf-8")
    settings = {"": {"diagnostics": {"scope": scope}}}
    capabilities = client_that(pulls=True)
    async with (
        serving(tmp_path, client=capabilities, settings=settings) as client,
        client.opened(SLEEPS + "$0", tmp_path),
    ):

        async def pulled() -> list[str]:
            report = await client.lsp.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
            names = (each.uri.rpartition("/")[2].partition(".")[0] for each in report.items)
            return sorted(name.rstrip("_0123456789") for name in names)

        assert await eventually(lambda: _same(pulled(), files))


async def test_a_pull_of_the_workspace_is_held_until_there_is_something_new(tmp_path: Path) -> None:
    other, gone = tmp_path / "other.py", tmp_path / "gone.py"
    other.write_text(SLEEPS, "utf-8")
    gone.write_text(SLEEPS, "utf-8")
    settings = {"": {"diagnostics": {"scope": "workspace"}}}
    async with serving(tmp_path, client=client_that(pulls=True), settings=settings) as client:
        known: dict[str, str] = {}

        async def pulled() -> dict[str, int]:
            """The number of findings in each file that has changed."""
            ids = [types.PreviousResultId(*each) for each in known.items()]
            report = await client.lsp.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(ids))
            full = [one for one in report.items if isinstance(one, types.WorkspaceFullDocumentDiagnosticReport)]
            for one in full:
                known[one.uri] = one.result_id or ""
            return {one.uri.rpartition("/")[2]: len(one.items) for one in full}

        while len(known) < 2:
            await pulled()
        held = asyncio.create_task(pulled())
        assert not (await asyncio.wait([held], timeout=0.5))[0]
        other.write_text(FIXED, "utf-8")
        gone.unlink()
        client.changed_on_disk(other, gone)
        assert await asyncio.wait_for(held, PATIENCE) == {"other.py": 0, "gone.py": 0}
        held = asyncio.create_task(pulled())
        assert not (await asyncio.wait([held], timeout=0.5))[0]
    with pytest.raises(JsonRpcRequestCancelled):  # a session can end meanwhile
        await asyncio.wait_for(held, PATIENCE)


async def _same(found: Awaitable[object], wanted: object) -> bool:
    return await found == wanted


# Code actions


async def test_the_best_fix_comes_first_and_is_preferred(client: Client) -> None:
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        await published(client, uri)
        found = await actions(client, uri, text, "time.sleep(1)", [types.CodeActionKind.QuickFix])
        assert [each.title for each in found] == [
            "Await asyncio.sleep() instead",
            "Fix all blocking-sleep in this file",
            "Suppress blocking-sleep here",
        ]
        assert [bool(each.is_preferred) for each in found] == [True, False, False]
        assert all(each.edit is None for each in found), "they are resolved when chosen"
        assert found[0].diagnostics
        assert [each.code for each in found[0].diagnostics] == ["blocking-sleep"]
        action = await chosen(client, found, "Await asyncio.sleep() instead")
        assert after(text, action.edit, client.encoding) == text.replace("time.sleep(1)", "await asyncio.sleep(1)")


async def test_findings_can_be_fixed_by_rule_or_all_together(client: Client) -> None:
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        await published(client, uri)
        found = await actions(client, uri, text, "time.sleep(1)")
        kind = await chosen(client, found, "Fix all blocking-sleep in this file")
        assert after(text, kind.edit, client.encoding) == FIXED.replace("await asyncio.sleep(2)", "asyncio.sleep(2)")
        (whole,) = await actions(client, uri, text, "import time", ["source.fixAll"])
        assert whole.kind == "source.fixAll.loopwise"
        edit = (await client.lsp.code_action_resolve_async(whole)).edit
        assert after(text, edit, client.encoding) == FIXED


async def test_suppressing_suppresses(client: Client) -> None:
    versions(client)
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        await published(client, uri)
        action = await chosen(client, await actions(client, uri, text, "time.sleep(3)"), "Suppress blocking-sleep here")
        silenced = after(text, action.edit, client.encoding)
        assert "time.sleep(3)  # loopwise: ignore[blocking-sleep]\n" in silenced
        client.change(uri, 2, silenced)
        found = await published(client, uri, 2)
        assert "blocking-sleep: time.sleep(3)" not in shown(silenced, found, client.encoding)


async def test_an_edit_is_of_the_version_it_was_offered_for(client: Client) -> None:
    async with client.opened(f"$0{SLEEPS}") as (uri, text, _):
        await published(client, uri)
        found = await actions(client, uri, text, "time.sleep(1)")
        edit = (await client.lsp.code_action_resolve_async(found[0])).edit
        assert edit is not None
        assert edit.document_changes is not None
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        client.change(uri, 2, "\n" + text)
        late = await actions(client, uri, "\n" + text, "time.sleep(1)")
        found[0].edit = None
        assert (await client.lsp.code_action_resolve_async(found[0])).edit is None, "the document has changed"
        assert (await client.lsp.code_action_resolve_async(late[0])).edit is not None


async def test_clients_that_cannot_resolve_get_edits_at_once() -> None:
    async with serving(client=client_that(resolves=False)) as client, client.opened(f"$0{SLEEPS}") as (uri, text, _):
        found = await actions(client, uri, text, "time.sleep(1)")
        assert after(text, found[0].edit, client.encoding) == text.replace("time.sleep(1)", "await asyncio.sleep(1)")


async def test_placeholders_are_tab_stops_if_the_client_supports_them() -> None:
    async with serving(client=client_that(snippets=True)) as client, client.opened(f"$0{KEEPS}") as (uri, text, _):
        found = await actions(client, uri, text, "asyncio.create_task")
        edits = [(await client.lsp.code_action_resolve_async(each)).edit for each in found if each.data]
        assert any("${1:" in after(text, edit, client.encoding) for edit in edits)


async def test_a_rule_is_explained_at_its_finding_in_a_comment_and_by_command(client: Client) -> None:
    marked = SLEEPS.replace("time.sleep(3)", "time.sleep(3)  # noqa: LW201").replace("sleep(1)", "sl$0eep(1)")
    async with client.opened(marked) as (uri, text, offset):
        await published(client, uri)
        shown_ = text_of(await client.hover_at(uri, text, offset))
        assert "blocking-sleep" in shown_
        assert "Fix: Await asyncio.sleep() instead" in shown_
        assert "blocking-sleep" in text_of(await client.hover_at(uri, text, text.index("LW201") + 2))
    params = types.ExecuteCommandParams("loopwise.explain", ["blocking-sleep"])
    assert "blocking-sleep" in str(await client.lsp.workspace_execute_command_async(params))


@pytest.mark.parametrize(("hovers_findings", "first"), [(False, "A blocking sleep"), (True, "Fix: Await")])
async def test_a_hover_does_not_repeat_what_the_editor_shows(
    servers: Servers, first: str, *, hovers_findings: bool
) -> None:
    client = await servers.of(capabilities(hovers_findings=hovers_findings))
    marked = SLEEPS.replace("sleep(3)", "sl$0eep(3)")
    async with client.opened(marked) as (uri, text, offset):

        async def hovered() -> str:
            found = await client.hover_at(uri, text, offset)
            return text_of(found) if found is not None else ""

        assert (await eventually(hovered)).startswith(first)


async def test_neovim_is_offered_the_same() -> None:
    async with serving(client=NEOVIM) as client, client.opened(f"$0{SLEEPS}") as (uri, text, _):
        found = await actions(client, uri, text, "time.sleep(1)")
        assert found[0].title == "Await asyncio.sleep() instead"
