"""Type checkers' go-to-definition for places, requested from their language servers and stored as JSON."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import asyncio_names as names
from asyncio_places import SYMBOL, VARIABLE, Place
from lsp_client import LspClient, ServerGone

PYTHON = "3.13"
ASYNCIO, OTHER = "asyncio", "other"
NOT_A_CLASS = "not a class"
PYRIGHT = {
    "python": {"analysis": {"typeCheckingMode": "off", "diagnosticMode": "openFilesOnly", "indexing": False}},
    "basedpyright": {
        "analysis": {
            "typeCheckingMode": "off",
            "diagnosticMode": "openFilesOnly",
            "autoImportCompletions": False,
            "useLibraryCodeForTypes": True,
        }
    },
}
CHECKERS = {
    # pyright leads "definition" to a library's sources and "declaration" to its stubs
    "basedpyright": {"command": "basedpyright-langserver --stdio", "ask": "declaration", "settings": PYRIGHT},
    "ty": {"command": "ty server", "ask": "definition", "settings": {"ty": {"diagnosticMode": "off"}}},
}


def settle(root: Path) -> None:
    """Set the target Python for both checkers, whatever the project's own settings are; no packages are visible."""
    pyright = {"pythonVersion": PYTHON, "pythonPlatform": "Linux", "typeCheckingMode": "off", "exclude": ["**/.git"]}
    (root / "pyrightconfig.json").write_text(json.dumps(pyright))
    (root / "ty.toml").write_text(f'[environment]\npython-version = "{PYTHON}"\npython-platform = "linux"\n')


def checker_command(checker: str, tools: Path | None) -> str:
    program, _, rest = CHECKERS[checker]["command"].partition(" ")
    found = str(tools / program) if tools else shutil.which(program)
    if not found:
        sys.exit(f"{program} is not on PATH: name its folder with --tools")
    return f"{found} {rest}"


def version_of(command: str) -> str:
    program = command.split(maxsplit=1)[0].removesuffix("-langserver")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0]


def classify(client: LspClient, ask: str, place: Place) -> list[list]:
    """Return the distinct answers at a place, as [where, name]; for variables the classes of the type, without None."""
    if place.kind == VARIABLE:
        spots = client.locations("typeDefinition", place.path, place.line, place.column)
        found = [names.name_at(*spot) if names.defines_class(*spot) else (OTHER, NOT_A_CLASS) for spot in spots]
    else:
        spots = client.locations(ask, place.path, place.line, place.column)
        found = [names.name_at(*spot) for spot in spots]
    return [list(one) for one in dict.fromkeys(found) if one[1] is not None]


class Answers:
    """The cache: one JSON file for each project, keyed by file hash, so that a changed file is asked about again."""

    def __init__(self, folder: Path, project: str, root: Path) -> None:
        self.path, self.root = folder / f"{project}.json", root
        self.data: dict = {"checkers": {}, "files": {}}
        if self.path.exists():
            self.data = json.loads(self.path.read_text())
        self._hashes: dict[str, str] = {}

    def _file(self, relative: str) -> dict:
        if relative not in self._hashes:
            self._hashes[relative] = hashlib.sha256((self.root / relative).read_bytes()).hexdigest()
        entry = self.data["files"].get(relative)
        if entry is None or entry["sha256"] != self._hashes[relative]:
            entry = self.data["files"][relative] = {"sha256": self._hashes[relative], "answers": {}}
        return entry["answers"]

    def get(self, checker: str, place: Place) -> list[list] | None:
        return self._file(place.path).get(f"{place.key}:{place.kind}", {}).get(checker)

    def put(self, checker: str, place: Place, answer: list[list]) -> None:
        self._file(place.path).setdefault(f"{place.key}:{place.kind}", {})[checker] = answer

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.data, indent=0, sort_keys=True))

    def complete(self, places: list[Place], tools: Path | None, say) -> None:
        """Ask the checkers, one after the other, for missing answers."""
        for checker, how in CHECKERS.items():
            missing = sorted(place for place in places if self.get(checker, place) is None)
            if not missing:
                continue
            settle(self.root)
            command = checker_command(checker, tools)
            self.data["checkers"][checker] = version_of(command)
            started = time.monotonic()
            for _ in range(3):  # a server that dies on a file is started again behind that place
                missing = [place for place in missing if self.get(checker, place) is None]
                if not missing or not self._ask_all(checker, command, how, missing):
                    break
            self.save()
            say(f"  {checker}: {len(missing)} places asked in {time.monotonic() - started:.0f} s")

    def _ask_all(self, checker: str, command: str, how: dict, missing: list[Place]) -> bool:
        """Ask one checker for the missing answers; return whether its server died."""
        place = missing[0]
        try:
            with LspClient(
                command, self.root, settings=how["settings"], options=how["settings"].get(checker)
            ) as client:
                for index, place in enumerate(missing):
                    self.put(checker, place, classify(client, how["ask"], place))
                    if index + 1 == len(missing) or missing[index + 1].path != place.path:
                        client.close(place.path)
        except ServerGone:
            self.put(checker, place, [])
            return True
        return False


def agreed(place: Place, answers: Answers) -> tuple[str, str | None, str]:
    """Return (verdict, name, note); the verdict is asyncio, other, none, disputed or mixed."""
    verdicts = {checker: verdict_of(place, answers.get(checker, place) or []) for checker in CHECKERS}
    known = {checker: one for checker, one in verdicts.items() if one[0] != "none"}
    if not known:
        return "none", None, ""
    if len(known) == 1:
        ((checker, (verdict, name)),) = known.items()
        if place.kind == SYMBOL and not _bears(name, place.name):  # an import under another name, or a mistake
            return "none", None, ""
        return verdict, name, f"only {checker} has an answer"
    (_, (verdict, name)), (_, (verdict2, name2)) = known.items()
    same = names.same_class if place.kind == VARIABLE else names.same_symbol
    if verdict == verdict2 and verdict != "mixed" and (verdict != ASYNCIO or same(name, name2)):
        return verdict, name, ""
    told = "; ".join(f"{checker}: {one[0]} {one[1]}" for checker, one in known.items())
    return "disputed", None, told


def verdict_of(place: Place, answer: list[list]) -> tuple[str, str | None]:
    """Return one checker's verdict, asyncio, other, none or mixed, with the name."""
    if place.kind == VARIABLE:  # None's own type, and aliases of unions, are no class statements
        answer = [one for one in answer if one[1] != NOT_A_CLASS and not one[1].endswith("NoneType")]
    else:
        answer = [one for one in answer if place.kind == SYMBOL or _bears(one[1], place.name)]
        # a star-import may bring a namesake along, such as typing.Protocol beside asyncio.Protocol
        answer = [one for one in answer if one[0] == ASYNCIO and one[1] == place.name] or answer
    kinds = {where for where, _ in answer}
    if not kinds:
        return "none", None
    first = answer[0][1]
    same = names.same_class if place.kind == VARIABLE else names.same_symbol
    if len(kinds) > 1 or (kinds == {ASYNCIO} and not all(same(first, name) for _, name in answer[1:])):
        return "mixed", " | ".join(str(name) for _, name in answer)
    return kinds.pop(), first


def _bears(definition: str, name: str) -> bool:
    """Does a definition have the place's name? If pyright knows nothing of an argument, it may answer the callee."""
    last = definition.rpartition(":")[2].rpartition(".")[2]
    return last in {name, "__slots__"} or last.isdigit()
