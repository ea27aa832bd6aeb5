"""Prints the completion benchmark: one table with servers as columns, and the places that were missed."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from lsp_client import read_source
from vscode_order import order

from completion.finder import Place
from completion.places import DOTTED, KINDS

SCREEN = 12  # items that VS Code shows at once
TOPS = (1, 5, 20)
# Where two words at once are wanted, which no general server offers: counted, and left out of a second total.
TWO_WORDS = ("with-self", "enumerated")


def table(run_id: dict, servers: dict[str, dict], places: list[Place]) -> str:
    """Return hits in the top 1 / 5 / 20 by kind and in total, with nothing and with two letters typed."""
    wanted = {(place.project, place.path, place.offset, place.kind) for place in places}
    rows = {name: [row for row in server["rows"] if _key(row) in wanted] for name, server in servers.items()}
    needs = {need: sum(place.needs == need for place in places) for need in ("asyncio", "file", "project")}
    defined = (
        f"The wanted name is defined in asyncio {needs['asyncio']}, in the same file {needs['file']}, "
        f"in another file of the project {needs['project']} times; none needs a third-party library."
    )
    lines = [
        f"{len(places)} places, seed {run_id['seed']}, selection {run_id['selection']}.",
        defined,
        f"Projects: {', '.join(name.removesuffix('-py3-none-any') for name in run_id['projects'])}.",
        "Cells: how often the wanted name stood first / in the top 5 / in the top 20.",
        "",
        f"| | places | {' | '.join(servers)} |",
        f"| --- | ---: |{' ---: |' * len(servers)}",
    ]
    for typed, heading in ((0, "nothing typed"), (2, "two letters typed")):
        lines += _block(typed, heading, list(rows.values()), places)
    cells = [median(one) for one in rows.values()]
    lines.append(f"| median time, ms, right after opening | | {' | '.join(cells)} |")
    cells = [_twice(one) for one in rows.values()]
    lines.append(f"| of ours on the first screen ({SCREEN} items), there plain as well | | {' | '.join(cells)} |")
    cells = [str(sum(row["count"] is None for row in one)) for one in rows.values()]
    lines.append(f"| no answer | | {' | '.join(cells)} |")
    lines.append(f"| deaths and hangs | | {' | '.join(str(server['deaths']) for server in servers.values())} |")
    return "\n".join(lines)


def _block(typed: int, heading: str, rows: list[list[dict]], places: list[Place]) -> list[str]:
    """Return the lines for one number of typed letters: one for each kind, and the totals."""
    lines = [f"| **{heading}** | |{' |' * len(rows)}"]
    for kind, example in {**KINDS, **DOTTED}.items():
        if number := sum(place.kind == kind for place in places):
            shown = example.replace("|", "\\|")
            lines.append(f"| {kind}: `{shown}` | {number} | {' | '.join(hits(one, typed, kind) for one in rows)} |")
    lines.append(f"| **all** | {len(places)} | {' | '.join(f'**{hits(one, typed)}**' for one in rows)} |")
    lines.append(f"| top 5, per cent | | {' | '.join(share(one, typed) for one in rows)} |")
    fewer = [[row for row in one if row["kind"] not in TWO_WORDS] for one in rows]
    number = sum(place.kind not in TWO_WORDS for place in places)
    lines.append(f"| all but {', '.join(TWO_WORDS)} | {number} | {' | '.join(hits(one, typed) for one in fewer)} |")
    return lines


def merged(ours: dict, theirs: dict) -> dict:
    """Merge two servers' answers as VS Code shows them: one list, sorted over all items."""
    others = {(_key(row), row["typed"]): row for row in theirs["rows"]}
    rows = []
    for row in ours["rows"]:
        other = others.get((_key(row), row["typed"]), {"list": []})
        listed = order(row["list"] + other["list"])
        shown = [one[-1] for one in listed]
        found = {"rank": rank(shown, tuple(row["accepted"])), "count": len(listed), "ms": None, "first": shown[:5]}
        twice = sum(_name(one) in map(_name, other["list"]) for one in row["list"] if one in listed[:SCREEN])
        rows.append({**row, **found, "twice": twice})
    return {**ours, "rows": rows}


def _name(item: list) -> str:
    """Return `sleep` for `asyncio.sleep(1)`: readers take it for the same item in another spelling."""
    found = re.match(r"[\w.]+", item[2])
    return found[0].rpartition(".")[2] if found else item[2]


def rank(shown: list[str], accepted: tuple[str, ...]) -> int | None:
    """Return the position, from 1, of the first item that writes an accepted word."""
    right = re.compile("|".join(rf"{re.escape(word)}(?!\w)" for word in accepted))
    return next((index for index, one in enumerate(shown, 1) if right.match(one.strip())), None)


def _key(row: dict) -> tuple:
    return row["project"], row["path"], row["offset"], row["kind"]


def hits(rows: list[dict], typed: int, kind: str | None = None) -> str:
    ranks = [row["rank"] for row in rows if row["typed"] == typed and kind in (None, row["kind"])]
    return " / ".join(str(sum(rank is not None and rank <= top for rank in ranks)) for top in TOPS) if ranks else "–"


def share(rows: list[dict], typed: int) -> str:
    ranks = [row["rank"] for row in rows if row["typed"] == typed]
    return f"{100 * sum(rank is not None and rank <= 5 for rank in ranks) / len(ranks):.1f}" if ranks else "–"


def _twice(rows: list[dict]) -> str:
    """Return the average number of repeated items in a list."""
    counts = [row["twice"] for row in rows if "twice" in row]
    return f"{statistics.mean(counts):.1f}" if counts else "–"


def median(rows: list[dict]) -> str:
    times = [row["ms"] for row in rows if row["ms"] is not None]
    return f"{statistics.median(times):.0f}" if times else "–"


def misses(servers: dict[str, dict], roots: list[Path]) -> str:
    """List the places whose name is not in the top five, each with the items that are."""
    folders = {root.name: root for root in roots}
    lines = []
    for name, server in servers.items():
        for row in sorted(server["rows"], key=lambda row: ([*KINDS, *DOTTED].index(row["kind"]), row["typed"])):
            if row["project"] in folders and (row["rank"] is None or row["rank"] > 5):
                text = read_source(folders[row["project"]] / row["path"])
                start = text.rfind("\n", 0, row["offset"]) + 1
                cursor = row["offset"] + row["typed"]
                line = text.count("\n", 0, start) + 1
                lines += [
                    f"{name}: {row['kind']}, {row['typed']} typed: {row['project']}/{row['path']}:{line}",
                    f"    {text[start:cursor].lstrip()}|{text[cursor : row['end']]}".replace("\n", "\n    "),
                    f"    wanted {row['accepted'][0]}: rank {row['rank']} of {row['count']}, first {row['first']}",
                ]
    return "\n".join([*lines, ""])
