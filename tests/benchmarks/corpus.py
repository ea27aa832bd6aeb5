"""Open many real files and ask at random places: errors, long steps of the event loop with their cause, late answers.

nice python tests/benchmarks/corpus.py --files 2000
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from pathlib import Path

from stress import REQUESTS, Asked, Stressed, corpus, text_of

_STEP = re.compile(r"DEBUG loopwise\.lsp\.transport\.steps: step of (\d+) ms in (.*?): (.*)")
_LATE = 0.3  # seconds of the server's own
_SHOWN = 25


class Run:
    """State of a run so far."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.errors: list[str] = []
        self.steps: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def file(self, server: Stressed, path: Path, dice: random.Random) -> None:
        text = text_of(path)
        server.open(str(path), text)
        for what in REQUESTS:
            self.asked.append(server.asked(what, path, text, dice))
        server.close(str(path))
        for line in server.logged():
            step = _STEP.match(line)
            if step is not None:
                self.steps[step[3]].append((int(step[1]), f"{path} ({step[2]})"))
            elif line.startswith(("ERROR", "CRITICAL", "Traceback")):
                self.errors.append(f"{path}: {line}")
        self.errors += [f"{path}: {failure}" for failure in server.failures]
        server.failures.clear()

    def report(self) -> None:
        print(f"{len(self.asked)} requests, {len(self.errors)} errors")
        print(*self.errors[:_SHOWN], sep="\n")
        print(f"{'':15} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7}   ms until the answer;  own: the same, > 300 ms")
        for what in REQUESTS:
            ones = [one for one in self.asked if one.what == what]
            waits, owns = ([getattr(one, name) * 1000 for one in ones] for name in ("seconds", "own"))
            late = sum(one.own > _LATE for one in ones)
            print(f"{what:15} {_row(waits)}   {_row(owns)} {late}")
        for one in sorted(self.asked, key=lambda one: -one.own)[:_SHOWN]:
            print(f"{one.own * 1000:7.0f} ms own  {one.what} {one.path}:{one.line}")
        print(f"{sum(map(len, self.steps.values()))} steps over 20 ms; by cause: count, most, where, in which file")
        causes: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for where, found in self.steps.items():
            causes[re.sub(r":\d+ ", " ", " < ".join(where.split(" < ")[:3]))] += found
        for where, found in sorted(causes.items(), key=lambda item: -sum(ms for ms, _ in item[1]))[:_SHOWN]:
            print(f"{len(found):5} {max(found)[0]:6} ms  {where}  {max(found)[1]}")


def _row(values: list[float]) -> str:
    ordered = sorted(values)
    return " ".join(f"{ordered[min(len(ordered) - 1, int(part * len(ordered)))]:7.0f}" for part in (0.5, 0.95, 0.99, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run, dice = Run(), random.Random(options.seed)
    with Stressed(log_level="debug") as server:
        for number, path in enumerate(corpus(options.folders, options.files, options.seed), 1):
            run.file(server, path, dice)
            if number % 100 == 0:
                print(f"{number} files, {server.megabytes():.0f} MiB", flush=True)
    run.report()


if __name__ == "__main__":
    main()
