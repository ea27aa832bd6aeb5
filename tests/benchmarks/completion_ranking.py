"""Ranks the wanted name in servers' completion lists, at hundreds of places of real async code.

    python tests/benchmarks/completion_ranking.py --server "loopwise=loopwise serve" --server "ty=ty server" \
        --merge loopwise+ty

The sources come from PyPI (dependencies are not installed) and are kept in the folder given by --projects; none of them
is among those that `hover_accuracy.py` asks about. `completion/places.py` chooses the places by spelling alone (run it
with Python 3.11 or later: what asyncio has is asked of the interpreter). Each is asked about twice: with nothing
typed yet, and with two letters of the wanted word typed. Items are put in order as VS Code does it (vscode_order.py);
--merge puts two servers' answers in one list, as VS Code shows them to who has both.

`--set tuned` are the 14 projects that completion was first tuned beside, `--set unseen` 20 whose misses are never read,
`--set later` 20 more.
`--seed 1` is the set to report on. `--seed 2` chooses from the other half of the files, to work against: no file is in
both, so what is learnt from its misses (--show-misses) does not spoil the report. --save keeps what was answered, and
--load puts what was kept beside a new run in the table, if the places and the sources are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from completion.finder import Place
from completion.places import DOTTED, KINDS, choose, digest
from completion.projects import LIMITS, SETS, fetch
from completion.report import merged, misses, rank, table
from lsp_client import LspClient, ServerGone, read_source
from vscode_order import order, score

TYPED = (0, 2)  # letters of the wanted word before the cursor
DEADLINE = 30.0  # seconds to wait for one list
KEPT = 40  # items of a list that are kept for merging: as many as anybody looks at
LINE_END = re.compile(r"\r\n|\r|\n")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(command: str, settings: dict, roots: list[Path], places: list[Place], settle: float) -> dict:
    """Collect every place's outcome with one server, which is started anew for each project."""
    outcome: dict = {"command": command, "settings": settings, "info": {}, "rows": [], "deaths": 0, "failures": []}
    for root in roots:
        here = [place for place in places if place.project == root.name]
        if here:
            say(f"  {root.name}: {len(here)} places")
            Session(command, settings, root, settle, outcome).ask(here)
    return outcome


class Session:
    """A server in one project, restarted (a few times) if it dies or hangs."""

    def __init__(self, command: str, settings: dict, root: Path, settle: float, outcome: dict) -> None:
        self.settings = settings
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
        return {"rank": None, "count": None, "ms": None, "first": [], "list": []}

    def _start(self, place: Place) -> None:
        self.client = LspClient(self.command, self.root, settings=self.settings)
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
            return {"rank": None, "count": None, "ms": ms, "first": [], "list": []}
        items = answer.get("items", []) if isinstance(answer, dict) else answer or []
        listed = in_order(items, text, cursor, typed)
        shown = [one[-1] for one in listed]
        found = {"rank": rank(shown, place.accepted), "count": len(items), "ms": ms}
        return {**found, "first": shown[:5], "list": listed[:KEPT]}

    def _end(self) -> None:
        self.outcome["failures"] += self.client.failures
        self.client.shutdown()
        self.client = None


def in_order(items: list[dict], text: str, cursor: int, typed: int) -> list[list]:
    """Return score, sort text, label, kind and text from the wanted word's start of each item, in order."""
    shown = []
    word = cursor - typed
    row = max(text.rfind("\n", 0, cursor), text.rfind("\r", 0, cursor)) + 1
    for item in items:
        edit = item.get("textEdit") or {}
        span = edit.get("range") or edit.get("insert")
        start = row + _code_points(text[row:cursor], span["start"]["character"]) if span else word
        label = item["label"]
        match = score(text[start:cursor].lstrip(), item.get("filterText") or label)
        if match is not None:
            written = edit.get("newText") or item.get("insertText") or label
            plain = without_stops(written) if item.get("insertTextFormat") == 2 else written
            whole = text[word:start] + plain if start >= word else plain.removeprefix(text[start:word])
            shown.append([match, item.get("sortText") or label, label, item.get("kind") or 0, whole[:80]])
    return order(shown)


def _code_points(row: str, units: int) -> int:
    return len(row.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="replace"))


def without_stops(snippet: str) -> str:
    """Return a snippet's text as it is first shown: without tab stops, with placeholders and first choices."""
    before = None
    while before != snippet:
        before = snippet
        snippet = re.sub(r"\$\{\w+\|((?:[^,|\\]|\\.)*)[^}]*\}", r"\1", snippet)
        snippet = re.sub(r"(?<!\\)\$\{\w+(?::([^{}]*))?\}", r"\1", snippet)
    return re.sub(r"\\([$}\\])", r"\1", re.sub(r"(?<!\\)\$\w+", "", snippet))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loopwise-completion"
    parser.add_argument("--projects", type=Path, default=cache, help="where the projects are kept")
    parser.add_argument("--set", choices=SETS, default="tuned", help="which projects to ask about")
    parser.add_argument("--only", nargs="*", help="ask about these projects alone")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND", help="may be given repeatedly")
    parser.add_argument("--settings", action="append", default=[], metavar="NAME=JSON", help="what a server is set to")
    parser.add_argument("--merge", action="append", default=[], metavar="NAME+NAME", help="two servers' lists as one")
    parser.add_argument("--seed", type=int, default=1, help="1 to report on, 2 to work against; odd and even are apart")
    parser.add_argument("--kinds", nargs="*", choices=(*KINDS, *DOTTED), default=list(KINDS), help="these alone")
    parser.add_argument("--settle", type=float, default=4, help="seconds between a server's start and the first place")
    parser.add_argument("--load", type=Path, action="append", default=[], help="add the servers of a saved run")
    parser.add_argument("--save", type=Path, help="keep all answers, loaded ones too, in this file")
    parser.add_argument("--show-misses", type=Path, help="write the places whose name is not in the top five")
    args = parser.parse_args()
    projects = SETS[args.set]
    roots = [fetch(args.projects, name, *how) for name, how in projects.items()]
    places = choose(roots, args.seed, LIMITS[args.set])
    run_id = {
        "seed": args.seed,
        "selection": digest([one for one in places if one.kind in KINDS], roots),
        "projects": [root.name for root in roots],
    }
    if args.only:
        roots = [fetch(args.projects, name, *projects[name]) for name in args.only]
    names = {root.name for root in roots}
    places = [place for place in places if place.kind in args.kinds and place.project in names]
    servers = loaded(args.load, run_id)
    settings = {name: json.loads(text) for name, _, text in (pair.partition("=") for pair in args.settings)}
    for pair in args.server:
        name, _, command = pair.partition("=")
        say(name)
        servers[name] = run(command, settings.get(name, {}), roots, places, args.settle)
        if args.save:  # after each: a run is long
            args.save.write_text(json.dumps({**run_id, "servers": servers}), "utf-8")
    if args.save and not args.server:
        args.save.write_text(json.dumps({**run_id, "servers": servers}), "utf-8")
    both = {pair: merged(*(servers[name] for name in pair.split("+"))) for pair in args.merge}
    print(table(run_id, {**servers, **both}, places))
    if args.show_misses:
        asked = [pair.partition("=")[0] for pair in args.server]
        args.show_misses.write_text(misses({name: servers[name] for name in asked or servers}, roots), "utf-8")


def loaded(paths: list[Path], run_id: dict) -> dict[str, dict]:
    """Return the servers of saved runs, which must be about the same places."""
    servers: dict[str, dict] = {}
    for path in paths:
        kept = json.loads(path.read_text("utf-8"))
        if kept["selection"] != run_id["selection"]:
            sys.exit(f"{path} is about other places: {kept['selection']}, not {run_id['selection']}")
        servers.update(kept["servers"])
    return servers


if __name__ == "__main__":
    main()
