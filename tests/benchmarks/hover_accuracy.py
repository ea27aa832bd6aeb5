"""Does our hover name what a type checker's go-to-definition finds? 300 places of asyncio use in each of ten projects.

    python tests/benchmarks/hover_accuracy.py --server "loopwise serve"

The projects' sources come from PyPI (dependencies are not installed), the reference answers from two type checkers,
which are needed for the first run only: both are kept in the folder given by --projects, with the places chosen
(places.json). A place that neither checker answers, or on which they differ, is left out and counted.
`--server ANY --ask definition` scores a language server's own go-to-definition in place of its hover.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import astuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import asyncio_names as names
from asyncio_places import MEMBER, SYMBOL, VARIABLE, Place, asyncio_files, sample
from hover_report import write_report
from lsp_client import LspClient, ServerGone, source_lines
from reference_answers import Answers, agreed, classify, verdict_of

PROJECTS = {
    "aiohttp": "3.14.5",
    "asyncpg": "0.32.0",
    "asyncssh": "2.24.1",
    "discord.py": "2.7.1",
    "distributed": "2026.8.0",
    "homeassistant": "2024.3.3",
    "prefect": "3.9.1",
    "redis": "8.1.0",
    "tornado": "6.6.1",
    "websockets": "17.4",
}
# How many places are asked about, by the reference's answer; a shortage is made up from the others.
SHARES = {"symbol": 150, "member": 75, "elsewhere": 75}
TOTAL, VARIABLES = 300, 100
POOL = {SYMBOL: 400, MEMBER: 1200, VARIABLE: 500}
SAME_NAME = 12  # of one member name among the places that are not asyncio's: dict.get is not the whole world


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fetch(folder: Path, project: str, version: str) -> Path:
    """Return the project's unpacked source distribution."""
    stem = f"{project.replace('.', '_')}-{version}"
    root = folder / "src" / stem
    if not root.is_dir():
        archives = folder / "sdists"
        if not (archives / f"{stem}.tar.gz").exists():
            say(f"fetching {project} {version}")
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*command, "-d", str(archives), f"{project}=={version}"], check=True)
        with tarfile.open(archives / f"{stem}.tar.gz") as archive:
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(folder / "src", **safely)
    return root.resolve()


def choose(project: str, root: Path, folder: Path, seed: int, tools: Path | None) -> dict:
    """Return the project's places with the expected name at each, and how many were left out and why."""
    pool = sample(root, asyncio_files(root), f"{seed}:{project}", POOL)
    answers = Answers(folder / "reference", project, root)
    answers.complete(pool, tools, say)
    strata: dict[str, list[dict]] = {"symbol": [], "member": [], "elsewhere": [], "variable": []}
    left_out: Counter[str] = Counter()
    disputes = []
    for place in pool:
        verdict, expected, note = agreed(place, answers)
        entry = {"place": astuple(place), "expected": expected, "note": note}
        if verdict == "asyncio":
            strata[place.kind].append({**entry, "stratum": place.kind})
        elif verdict == "other" and place.kind == MEMBER:
            strata["elsewhere"].append({**entry, "stratum": "elsewhere"})
        elif verdict in ("disputed", "mixed", "none"):
            left_out[f"{place.kind} {verdict}"] += 1
            if verdict != "none":
                disputes.append({**entry, "verdict": verdict})
    chance = random.Random(f"{seed}:{project}:choice")
    for found in strata.values():
        chance.shuffle(found)
    seen: Counter[str] = Counter()
    rare, common = [], []
    for entry in strata["elsewhere"]:
        seen[entry["place"][4]] += 1
        (rare if seen[entry["place"][4]] <= SAME_NAME else common).append(entry)
    strata["elsewhere"] = rare + common
    chosen = [entry for name, share in SHARES.items() for entry in strata[name][:share]]
    spare = [entry for name in ("member", "symbol", "elsewhere") for entry in strata[name][SHARES[name] :]]
    chosen += spare[: TOTAL - len(chosen)] + strata["variable"][:VARIABLES]
    files = sorted({entry["place"][0] for entry in chosen})
    hashes = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files}
    checkers = answers.data["checkers"]
    return {"places": chosen, "left_out": left_out, "disputes": disputes, "files": hashes, "checkers": checkers}


class Subject:
    """The server under test, restarted (a few times) if it dies."""

    def __init__(self, command: str, root: Path, ask: str, deadline: float) -> None:
        self.command, self.root, self.how, self.deadline = command, root, ask, deadline
        self.deaths = 0
        self.client: LspClient | None = None
        self.seconds: list[float] = []

    def named(self, place: Place) -> tuple[str | None, str | None]:
        """Return the server's name for a place: ("symbol" or "variable", full name), or twice None."""
        for _ in range(2 if self.deaths <= 5 else 0):  # one that keeps dying is left dead: the rest is missed
            try:
                if self.client is None:
                    self.client = LspClient(self.command, self.root)
                self.client.open(place.path)
                started = time.monotonic()
                said = self._said(place)
                self.seconds.append(time.monotonic() - started)
                return said
            except ServerGone:
                self.deaths += 1
                self.client = None
        return None, None

    def _said(self, place: Place) -> tuple[str | None, str | None]:
        if self.how == "hover":
            answer = self.client.ask("hover", place.path, place.line, place.column, self.deadline)
            return names.named(names.hover_markdown(answer))
        where, name = verdict_of(place, classify(self.client, self.how, place))
        if where == "none":
            return None, None
        kind = "variable" if place.kind == VARIABLE else "symbol"
        return kind, f"asyncio.{name}" if where == "asyncio" else f"elsewhere {name}"

    def end(self) -> None:
        if self.client is not None:
            self.client.shutdown()


def outcome(entry: dict, said: tuple[str | None, str | None]) -> str:
    kind, name = said
    if entry["stratum"] == "elsewhere":
        return "false card" if kind == "symbol" and names.is_asyncio(name) else "right"
    if name is None:
        return "missed"
    if entry["stratum"] == "variable":
        # A name for the class itself (``Future = asyncio.Future``) is answered with the class's own card.
        return "right" if names.same_class(entry["expected"], name) else "wrong"
    alike = names.is_asyncio(name) and names.same_symbol(entry["expected"], name.partition(".")[2] or name)
    builtin = name.rpartition(".")[2] in names.BUILTIN_TWINS and name.rpartition(".")[2] == entry["expected"]
    return "right" if kind == "symbol" and (alike or builtin) else "wrong"


def score(chosen: dict, root: Path, command: str, ask: str, deadline: float, pause: float) -> dict:
    """Return every place's first answer and, for wrong ones, a second after the run."""
    for name, digest in chosen["files"].items():
        if hashlib.sha256((root / name).read_bytes()).hexdigest() != digest:
            sys.exit(f"{name} has changed since the places were chosen: give --choose-again")
    subject = Subject(command, root, ask, deadline)
    rows = []
    try:
        for entry in sorted(chosen["places"], key=lambda entry: entry["place"]):
            place = Place(*entry["place"])
            said = subject.named(place)
            text = source_lines(root / place.path)[place.line].strip()
            first = outcome(entry, said)
            rows.append({**entry, "source": text, "first": first, "second": first, "got": said, "got_second": said})
        seconds = list(subject.seconds)
        if any(row["first"] != "right" for row in rows):
            time.sleep(pause)
        for row in rows:
            if row["first"] != "right":
                row["got_second"] = subject.named(Place(*row["place"]))
                row["second"] = outcome(row, row["got_second"])
    finally:
        subject.end()
    return {"rows": rows, "seconds": seconds, "deaths": subject.deaths, "left_out": chosen["left_out"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loopwise-benchmarks"
    parser.add_argument("--projects", type=Path, default=cache, help="where projects and reference answers are kept")
    parser.add_argument("--only", nargs="*", choices=PROJECTS, help="score these projects alone")
    parser.add_argument("--server", help="the command of the server to score; without it the places are only chosen")
    parser.add_argument("--ask", choices=("hover", "definition", "declaration"), default="hover")
    parser.add_argument("--tools", type=Path, help="folder of basedpyright-langserver and ty, if not on PATH")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--choose-again", action="store_true", help="choose the places anew, even if places.json has them"
    )
    parser.add_argument("--deadline", type=float, default=10, help="seconds to wait for one hover")
    parser.add_argument("--pause", type=float, default=5, help="seconds before the second asking")
    parser.add_argument("--report", type=Path, help="folder for report.md, disagreements.txt, results.json")
    args = parser.parse_args()
    args.projects.mkdir(parents=True, exist_ok=True)
    store = args.projects / "places.json"
    kept = json.loads(store.read_text()) if store.exists() else {}
    if kept.get("seed") != args.seed or args.choose_again:
        kept = {"seed": args.seed, "projects": {}} if not args.only else {**kept, "seed": args.seed}
    kept.setdefault("projects", {})
    results = {}
    for project in args.only or PROJECTS:
        label = f"{project} {PROJECTS[project]}"
        root = fetch(args.projects, project, PROJECTS[project])
        if label not in kept["projects"] or args.choose_again:
            say(f"choosing places in {label}")
            kept["projects"][label] = choose(project, root, args.projects, args.seed, args.tools)
            store.write_text(json.dumps(kept, indent=1))
        if args.server:
            say(f"asking about {label}")
            chosen = kept["projects"][label]
            results[label] = score(chosen, root, args.server, args.ask, args.deadline, args.pause)
    if args.server:
        folder = args.report or args.projects / "report"
        print(write_report(results, folder, f"`{args.server}` ({args.ask})"))
        say(f"every disagreement: {folder / 'disagreements.txt'}")


if __name__ == "__main__":
    main()
