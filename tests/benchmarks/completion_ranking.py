"""Where in a server's completion list does the wanted name stand? Hundreds of places of real async code, peers beside.

    python tests/benchmarks/completion_ranking.py --server "loopwise=loopwise serve" --server "ty=ty server"

The sources come from PyPI (dependencies are not installed) and are kept in the folder given by --projects; none of them
is among those that `hover_accuracy.py` asks about. completion_places.py chooses the places by spelling alone (run it
with Python 3.11 or later: what asyncio has is asked of the interpreter). Each is asked about twice: with nothing
typed yet, and with two letters of the wanted word typed. Items are put in order as an editor does it: those that start
with what is typed first, then those that match it fuzzily, the others not at all; within that by `sortText`, or label.

`--seed 1` is the set to report on. `--seed 2` chooses from the other half of the files, to work against: no file is in
both, so what is learnt from its misses (--show-misses) does not spoil the report. --save keeps what was answered, and
--load puts what was kept beside a new run in the table, if the places and the sources are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from completion_finder import Place
from completion_places import KINDS, choose, digest
from completion_report import misses, table
from lsp_client import LspClient, ServerGone, read_source

# Version, and how it is distributed: what needs much to build its metadata is taken as a wheel.
PROJECTS = {
    "aiokafka": ("0.14.0", "sdist"),
    "aioshelly": ("13.35.0", "wheel"),
    "arq": ("0.28.0", "sdist"),
    "bleak": ("3.1.0", "wheel"),
    "hypercorn": ("0.18.0", "sdist"),
    "jupyter_client": ("8.10.0", "sdist"),
    "kopf": ("1.45.2", "wheel"),
    "nats-py": ("2.16.0", "wheel"),
    "openai-agents": ("0.24.0", "wheel"),
    "python-roborock": ("7.13.0", "wheel"),
    "slixmpp": ("1.17.0", "sdist"),
    "taskiq": ("0.13.0", "sdist"),
    "telethon": ("1.45.0", "wheel"),
    "textual": ("8.2.8", "sdist"),
}
TYPED = (0, 2)  # letters of the wanted word that stand before the cursor
DEADLINE = 30.0  # seconds to wait for one list
LINE_END = re.compile(r"\r\n|\r|\n")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fetch(folder: Path, project: str) -> Path:
    """The project's unpacked source distribution or wheel."""
    version, form = PROJECTS[project]
    suffix = ".tar.gz" if form == "sdist" else "-py3-none-any.whl"
    stem = f"{project.replace('-', '_')}-{version}"
    archive = folder / "sdists" / f"{stem}{suffix}"
    root = folder / "src" / archive.name.removesuffix(".tar.gz").removesuffix(".whl")
    if not root.is_dir():
        if not archive.exists():
            say(f"fetching {project} {version}")
            only = "--no-binary" if form == "sdist" else "--only-binary"
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", only, ":all:"]
            subprocess.run([*command, "-d", str(archive.parent), f"{project}=={version}"], check=True)
        if form == "wheel":
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(root)
        else:
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            with tarfile.open(archive) as packed:
                packed.extractall(folder / "src", **safely)
    return root.resolve()


def run(command: str, roots: list[Path], places: list[Place], settle: float) -> dict:
    """Every place's outcome with one server, which is started anew in each project."""
    outcome: dict = {"command": command, "info": {}, "rows": [], "deaths": 0, "failures": []}
    for root in roots:
        here = [place for place in places if place.project == root.name]
        if here:
            say(f"  {root.name}: {len(here)} places")
            Session(command, root, settle, outcome).ask(here)
    return outcome


class Session:
    """A server in one project, started again (a few times) if it dies or hangs."""

    def __init__(self, command: str, root: Path, settle: float, outcome: dict) -> None:
        self.command, self.root, self.settle, self.outcome = command, root, settle, outcome
        self.client: LspClient | None = None
        self.deaths = 0

    def ask(self, places: list[Place]) -> None:
        try:
            for place in places:
                for typed in TYPED:
                    self.outcome["rows"].append({**asdict(place), "typed": typed, **self._answered(place, typed)})
        finally:
            if self.client is not None:
                self._end()

    def _answered(self, place: Place, typed: int) -> dict:
        for _ in range(2 if self.deaths <= 3 else 0):  # one that keeps dying is left dead: the rest has no answer
            try:
                if self.client is None:
                    self._start(place)
                found = self._list(place, typed, DEADLINE)
                if found["ms"] >= DEADLINE * 1000:  # it may hang for good: let the next place not suffer for it
                    self.deaths += 1
                    self.outcome["deaths"] += 1
                    self._end()
                return found
            except ServerGone:
                self.deaths += 1
                self.outcome["deaths"] += 1
                self.client = None
        return {"rank": None, "count": None, "ms": None, "first": []}

    def _start(self, place: Place) -> None:
        self.client = LspClient(self.command, self.root)
        self.outcome["info"] = self.client.server_info
        time.sleep(self.settle)
        self._list(place, 0, 120)  # the first list of all may take its time

    def _list(self, place: Place, typed: int, deadline: float) -> dict:
        text, cursor = place.text(read_source(self.root / place.path), typed)
        starts = [0, *(match.end() for match in LINE_END.finditer(text, 0, cursor))]
        column = len(text[starts[-1] : cursor].encode("utf-16-le")) // 2
        self.client.open(place.path, text)
        began = time.perf_counter()
        more = {"context": {"triggerKind": 1}}
        failed = len(self.client.failures)
        answer = self.client.ask("completion", place.path, len(starts) - 1, column, deadline, more)
        ms = (time.perf_counter() - began) * 1000
        self.client.close(place.path)
        if len(self.client.failures) > failed:
            return {"rank": None, "count": None, "ms": ms, "first": []}
        items = answer.get("items", []) if isinstance(answer, dict) else answer or []
        shown = in_order(items, text, cursor, typed)
        return {"rank": rank(shown, place.accepted), "count": len(items), "ms": ms, "first": shown[:5]}

    def _end(self) -> None:
        self.outcome["failures"] += self.client.failures
        self.client.shutdown()
        self.client = None


def in_order(items: list[dict], text: str, cursor: int, typed: int) -> list[str]:
    """What each item would write from the wanted word's start on, in the order in which an editor shows the items."""
    shown = []
    word = cursor - typed
    row = max(text.rfind("\n", 0, cursor), text.rfind("\r", 0, cursor)) + 1
    for item in items:
        edit = item.get("textEdit") or {}
        span = edit.get("range") or edit.get("insert")
        start = row + _code_points(text[row:cursor], span["start"]["character"]) if span else word
        label = item["label"]
        match = _match(text[start:cursor].lstrip(), item.get("filterText") or label)
        if match is not None:
            written = edit.get("newText") or item.get("insertText") or label
            plain = without_stops(written) if item.get("insertTextFormat") == 2 else written
            whole = text[word:start] + plain if start >= word else plain.removeprefix(text[start:word])
            shown.append((match, (item.get("sortText") or label).lower(), label.lower(), whole))
    return [whole for *_, whole in sorted(shown, key=lambda one: one[:3])]


def _code_points(row: str, units: int) -> int:
    return len(row.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="replace"))


def _match(typed: str, name: str) -> int | None:
    """How well a name matches what is typed: 0 as it is spelled, 1 but for case, 2 with gaps; None not at all."""
    if name.startswith(typed):
        return 0
    if name.lower().startswith(typed.lower()):
        return 1
    letters = iter(name.lower())
    return 2 if all(letter in letters for letter in typed.lower()) else None


def without_stops(snippet: str) -> str:
    """A snippet's text as it is first shown: tab stops gone, placeholders and first choices written out."""
    before = None
    while before != snippet:
        before = snippet
        snippet = re.sub(r"\$\{\w+\|((?:[^,|\\]|\\.)*)[^}]*\}", r"\1", snippet)
        snippet = re.sub(r"(?<!\\)\$\{\w+(?::([^{}]*))?\}", r"\1", snippet)
    return re.sub(r"\\([$}\\])", r"\1", re.sub(r"(?<!\\)\$\w+", "", snippet))


def rank(shown: list[str], accepted: tuple[str, ...]) -> int | None:
    """The place, from 1, of the first item that writes an accepted word."""
    right = re.compile("|".join(rf"{re.escape(word)}(?!\w)" for word in accepted))
    return next((index for index, one in enumerate(shown, 1) if right.match(one.strip())), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loopwise-completion"
    parser.add_argument("--projects", type=Path, default=cache, help="where the projects are kept")
    parser.add_argument("--only", nargs="*", choices=PROJECTS, help="ask about these projects alone")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND", help="may be given repeatedly")
    parser.add_argument("--seed", type=int, default=1, help="1 to report on, 2 to work against; odd and even are apart")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS), help="ask about these kinds alone")
    parser.add_argument("--settle", type=float, default=4, help="seconds between a server's start and the first place")
    parser.add_argument("--load", type=Path, action="append", default=[], help="add the servers of a saved run")
    parser.add_argument("--save", type=Path, help="keep all answers, loaded ones too, in this file")
    parser.add_argument("--show-misses", type=Path, help="write the places whose name is not in the top five")
    args = parser.parse_args()
    roots = [fetch(args.projects, project) for project in PROJECTS]
    places = choose(roots, args.seed)
    run_id = {"seed": args.seed, "selection": digest(places, roots), "projects": [root.name for root in roots]}
    if args.only:
        roots = [fetch(args.projects, project) for project in args.only]
    names = {root.name for root in roots}
    places = [place for place in places if place.kind in args.kinds and place.project in names]
    servers: dict[str, dict] = {}
    for path in args.load:
        kept = json.loads(path.read_text("utf-8"))
        if kept["selection"] != run_id["selection"]:
            sys.exit(f"{path} is about other places: {kept['selection']}, not {run_id['selection']}")
        servers.update(kept["servers"])
    for pair in args.server:
        name, _, command = pair.partition("=")
        say(name)
        servers[name] = run(command, roots, places, args.settle)
        if args.save:  # after each: a run is long
            args.save.write_text(json.dumps({**run_id, "servers": servers}), "utf-8")
    if args.save and not args.server:
        args.save.write_text(json.dumps({**run_id, "servers": servers}), "utf-8")
    print(table(run_id, servers, places))
    if args.show_misses:
        asked = [pair.partition("=")[0] for pair in args.server]
        args.show_misses.write_text(misses({name: servers[name] for name in asked or servers}, roots), "utf-8")


if __name__ == "__main__":
    main()
