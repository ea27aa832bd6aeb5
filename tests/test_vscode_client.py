"""Tests of the VS Code extension without VS Code, and the server's answers to its cheatsheet view.

Its sessions in a real VS Code are in ``editors/vscode``; ``run.sh`` there runs them.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from loopwise import docs_vscode
from loopwise.diagnosis.selection import unknown_rules
from loopwise.settings.layers import fields, from_editor
from loopwise.settings.pyproject import read_toml

ROOT = Path(__file__).parents[1]
CLIENT = ROOT / "vscode-client"
MANIFEST: dict[str, Any] = json.loads((CLIENT / "package.json").read_text("utf-8"))
CONTRIBUTES = MANIFEST["contributes"]
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(CLIENT.glob("src/*.ts"))}
SERVER_COMMANDS = {"loopwise.explain", "loopwise.applyEdit"}


def settings() -> dict[str, Any]:
    return {key: value for group in CONTRIBUTES["configuration"] for key, value in group["properties"].items()}


# The package


def test_types_are_pinned_to_the_engine() -> None:
    assert MANIFEST["engines"]["vscode"] == "^" + MANIFEST["devDependencies"]["@types/vscode"]


def test_lock_files_contain_no_urls() -> None:
    """Neither the sources of packages nor their hosts."""
    assert '"resolved"' not in (CLIENT / "package-lock.json").read_text("utf-8")
    assert "://" not in (CLIENT / "requirements.lock").read_text("utf-8")


def test_no_extension_is_required() -> None:
    """The Python extensions are used if they are installed, and not needed otherwise."""
    assert "extensionDependencies" not in MANIFEST
    assert "extensionPack" not in MANIFEST


def test_named_things_exist() -> None:
    """Icons, pictures and pages of the manifest and the README."""
    named = re.findall(r'"((?:media|dist)/[^"]+)"', json.dumps(MANIFEST))
    named += re.findall(r"\]\((media/[^)]+)\)", (CLIENT / "README.md").read_text("utf-8"))
    assert not [name for name in named if not (CLIENT / name).exists()]


def test_pictures_are_small() -> None:
    """The .vsix must stay small."""
    sizes = {path.name: path.stat().st_size for path in CLIENT.rglob("media/**/*.png")}
    assert max(sizes.values()) < 100_000, sizes


# Commands


def test_each_command_is_there_once() -> None:
    """It is listed and registered by the client, and is none that the client library registers for the server."""
    listed = {command["command"] for command in CONTRIBUTES["commands"]}
    registered = set(re.findall(r'registerCommand\("(loopwise\.\w+)"', SOURCES["follow.ts"]))
    table = SOURCES["commands.ts"].partition("commands: Record")[2].partition("};")[0]
    registered |= {f"loopwise.{name}" for name in re.findall(r"^ {4}(\w+):", table, re.MULTILINE)}
    assert listed == registered - {"loopwise.openSample"}
    assert not registered & SERVER_COMMANDS


def test_links_lead_to_commands() -> None:
    texts = [json.dumps(CONTRIBUTES["walkthroughs"]), *SOURCES.values()]
    used = {name for text in texts for name in re.findall(r"command:(loopwise\.\w+)", text)}
    listed = {command["command"] for command in CONTRIBUTES["commands"]}
    assert used <= listed | {"loopwise.openSample"}


# Settings; that they are fresh is held by test_docs.py


def test_every_setting_of_the_server_is_offered() -> None:
    keys = {docs_vscode.editor_key(field) for field in fields()}
    assert keys == set(settings()) - {"loopwise.interpreter", "loopwise.importStrategy", "loopwise.trace.server"}


def test_the_server_accepts_each_default() -> None:
    """Under VS Code's name for it, with VS Code's value."""
    for field in fields():
        key = docs_vscode.editor_key(field)
        layer, problems = from_editor({key.removeprefix("loopwise."): settings()[key]["default"]})
        assert not problems, problems
        assert field.default is None or layer == {field.key: field.default}


def test_programs_are_restricted() -> None:
    """An untrusted folder cannot choose programs to run."""
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert restricted == {key for key, value in settings().items() if value["scope"] == "machine-overridable"}


def test_nothing_is_sent_over_the_network() -> None:
    """The client imports no network module, and its view may not load anything from elsewhere."""
    own = {name: text for name, text in SOURCES.items() if name != "sample.ts"}
    sources = "\n".join([*own.values(), *(path.read_text("utf-8") for path in CLIENT.glob("webview/*.ts"))])
    assert not re.search(r"node:(https?|net|tls|dgram)|\bfetch\(|XMLHttpRequest|WebSocket|telemetry|://", sources)
    assert "default-src 'none'" in SOURCES["cheatsheet_view.ts"]
    assert "unsafe" not in sources


# What is bundled


@cache
def bundle() -> Any:
    """``vscode-client/scripts/bundle.py`` as a module."""
    spec = importlib.util.spec_from_file_location("bundle", CLIENT / "scripts" / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundle"] = module
    spec.loader.exec_module(module)
    return module


def requirements(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", " "))]


def test_examples_of_settings_are_json_that_the_server_takes() -> None:
    """Every setting that is not a simple choice has some."""
    for field in fields():
        key = docs_vscode.editor_key(field)
        own = settings()[key]
        free = "enum" not in own and own.get("type") not in ("boolean", "number")
        assert bool(own.get("examples")) == free, key
        for example in own.get("examples", ()):
            layer, problems = from_editor({field.key: example})
            assert (field.key in layer, *problems, *unknown_rules(layer, key)) == (True,), (key, example)


def test_requirements_are_those_of_the_package() -> None:
    """All except rich, which only the command line uses."""
    project = read_toml(ROOT / "pyproject.toml")[0]["project"]
    wanted = {str(one) for one in map(Requirement, project["dependencies"]) if one.name != "rich"}
    assert {str(Requirement(line)) for line in requirements(CLIENT / "requirements.in")} == wanted


def test_the_lock_has_the_required_versions() -> None:
    locked = {name: re.search(r"==([\w.]+)", pin) for name, pin in bundle().locked().items()}
    for requirement in map(Requirement, requirements(CLIENT / "requirements.in")):
        version = locked[requirement.name]
        assert version is not None
        assert version[1] in requirement.specifier
    assert all("--hash=sha256:" in pin for pin in bundle().locked().values())


def test_the_platforms_are_those_that_are_checked() -> None:
    """``server/tools/ship.py`` checks the ``.vsix`` of each: see ``test_shipping.py``."""
    checked = re.findall(
        r'^    "([\w-]+)": \("', (ROOT / "server/tools/artefacts/vsix.py").read_text("utf-8"), re.MULTILINE
    )
    assert set(bundle().TARGETS) == set(checked)


def test_examples_of_settings_are_json() -> None:
    """As settings.json has them: TOML writes ``=`` where JSON has a colon."""
    texts = {key: str(value.get("markdownDescription", "")) for key, value in settings().items()}
    examples = [(key, example) for key, text in texts.items() for example in re.findall(r"`(\{.*?\})`", text)]
    assert examples
    for key, example in examples:
        assert json.loads(example), key
