"""The tables and lists at the end of hover_accuracy.py's output."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

STRATA = ("symbol", "member", "elsewhere", "variable")
HEADINGS = {
    "symbol": "asyncio.X",
    "member": "asyncio members",
    "elsewhere": "namesakes, no card",
    "variable": "variables",
}


def _share(right: int, of: int) -> str:
    return f"{right}/{of}" if of else "–"


def _row(label: str, rows: list[dict], which: str) -> str:
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    fates: Counter[str] = Counter()
    for row in rows:
        of[row["stratum"]] += 1
        right[row["stratum"]] += row[which] == "right"
        if row["stratum"] != "variable":
            fates[row[which]] += 1
    total = sum(fates.values())
    cells = [label, str(total), f"{100 * fates['right'] / total:.1f} %" if total else "–"]
    cells += [_share(right[name], of[name]) for name in STRATA[:3]]
    cells += [str(fates[name]) for name in ("missed", "wrong", "false card")]
    lost = Counter(row[which] for row in rows if row["stratum"] == "variable")
    cells += [_share(right["variable"], of["variable"]), str(lost["missed"]), str(lost["wrong"])]
    return f"| {' | '.join(cells)} |"


def table(results: dict, which: str) -> str:
    heads = ["project", "places", "right", *(HEADINGS[name] for name in STRATA[:3]), "missed", "wrong", "false cards"]
    heads += ["variables", "missed", "wrong"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" + "--:|" * (len(heads) - 1)]
    lines += [_row(label, result["rows"], which) for label, result in results.items()]
    if len(results) > 1:
        lines.append(_row("**all**", [row for result in results.values() for row in result["rows"]], which))
    return "\n".join(lines)


def _time(results: dict) -> str:
    seconds = sorted(one for result in results.values() for one in result["seconds"])
    if not seconds:
        return ""
    at = {share: seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000 for share in (0.5, 0.95, 0.99)}
    told = ", ".join(f"{share:.0%} within {ms:.0f} ms" for share, ms in at.items())
    return f"Time to the first answer: {told}; the longest {seconds[-1] * 1000:.0f} ms."


def write_report(results: dict, folder: Path, subject: str) -> str:
    """Write report.md, disagreements.txt and results.json; return the report."""
    left = Counter()
    for result in results.values():
        for name, count in result["left_out"].items():
            left[name.split()[1]] += count
    singly = sum("only" in row["note"] for result in results.values() for row in result["rows"])
    deaths = sum(result["deaths"] for result in results.values())
    report = "\n".join(
        [
            f"# Hover accuracy of {subject}\n",
            "## First answer\n",
            table(results, "first"),
            "\n## Second answer, asked after the run's end\n",
            table(results, "second"),
            "",
            _time(results),
            f"Left out of the pool: {left['none']} places without a reference answer, {left['disputed']} on which the"
            f" checkers differ, {left['mixed']} of which the definition lies both in asyncio and elsewhere."
            f" {singly} of the places scored rest on one checker's answer alone."
            + (f" The server died {deaths} times." if deaths else ""),
        ]
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(report + "\n")
    (folder / "results.json").write_text(json.dumps(results, indent=1))
    (folder / "disagreements.txt").write_text("\n".join(_disagreements(results)) + "\n")
    return report


def _disagreements(results: dict) -> list[str]:
    lines = []
    for label, result in results.items():
        for row in result["rows"]:
            if row["first"] == row["second"] == "right":
                continue
            path, line, column, _, name = row["place"]
            fate = row["first"] if row["first"] == row["second"] else f"{row['first']}, then {row['second']}"
            expected = row["expected"] if row["stratum"] == "elsewhere" else f"asyncio.{row['expected']}"
            got = " ".join(str(one) for one in row["got"]) if row["got"][0] else "nothing"
            if row["got_second"] != row["got"]:
                got += " then " + (" ".join(map(str, row["got_second"])) if row["got_second"][0] else "nothing")
            lines += [
                f"{fate}: {label}: {path}:{line + 1}:{column + 1} `{name}` ({row['stratum']})",
                f"    {row['source']}",
                f"    expected {expected}{' (' + row['note'] + ')' if row['note'] else ''}; got {got}",
            ]
    return lines
