"""For code scanning: SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from loopwise import __version__
from loopwise.analysis.rule import Rule, Severity
from loopwise.cli.check.report import Place, Report, ReportedFix
from loopwise.cli.check.result import RunResult
from loopwise.cli.screen import write_json
from loopwise.diagnosis.selection import known_rules

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_BASE = "SRCROOT"
# The version is part of the name: GitHub compares fingerprints of the same name only.
_FINGERPRINT = "loopwise/v1"


def write(result: RunResult) -> None:
    """Write one SARIF run."""
    top = _top()
    codes = sorted({report.code for _, report in result.reports()})
    rules = [rule for rule in known_rules() if rule.code in codes]
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {"name": "Loopwise", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"uri": top.as_uri() if top == top.parent else f"{top.as_uri()}/"}},
        "invocations": [_invocation(result, top)],
        "results": [_result(path, report, codes, top, seen) for path, report in result.reports()],
    }
    write_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _top() -> Path:
    """The repository's root, to which code scanning wants paths to be relative; else the working folder."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def _rule(rule: Rule) -> dict[str, Any]:
    help_text = f"{rule.title}\n\n{rule.text}".strip()
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": help_text},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": _level(rule.severity), "enabled": rule.default_on},
        "properties": {"tags": ["asyncio", rule.name]},
    }


def _result(path: str, report: Report, codes: list[str], top: Path, seen: Counter[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": report.code,
        "ruleIndex": codes.index(report.code),
        "level": _level(report.severity),
        "message": {"text": report.message},
        "locations": [{"physicalLocation": _location(path, report.place, top)}],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(path, report, top, seen)},
    }
    if report.related:
        found["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": other.message},
                "physicalLocation": _location(other.path, other.place, top),
            }
            for number, other in enumerate(report.related, 1)
        ]
    mends = [mend for mend in report.fixes if mend.changes]
    return {**found, "fixes": [_fix(path, mend, top) for mend in mends]} if mends else found


def _fingerprint(path: str, report: Report, top: Path, seen: Counter[str]) -> str:
    """A fingerprint that is stable when a finding's line moves: file, rule and code, and its number among equals."""
    said = f"{_artifact(path, top)['uri']}\0{report.code}\0{report.excerpt.code.strip()}"
    seen[said] += 1
    return hashlib.sha256(f"{said}\0{seen[said]}".encode(errors="surrogateescape")).hexdigest()[:32]


def _fix(path: str, mend: ReportedFix, top: Path) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(change.place), "insertedContent": {"text": change.text}} for change in mend.changes
    ]
    change = {"artifactLocation": _artifact(path, top), "replacements": replacements}
    return {"description": {"text": mend.title}, "artifactChanges": [change]}


def _invocation(result: RunResult, top: Path) -> dict[str, Any]:
    failed = [(checked.path, checked.error) for checked in result.files if checked.error is not None]
    notifications: list[dict[str, Any]] = [
        {
            "level": "error",
            "message": {"text": trouble.message},
            "locations": [{"physicalLocation": {
                "artifactLocation": _artifact(path, top), "region": {"startLine": trouble.line},
            }}],
        }
        for path, trouble in failed
    ]  # fmt: skip
    if result.left_to_others:
        notifications.append({"level": "note", "message": {"text": result.left_to_others}})
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notifications}


def _location(path: str, place: Place, top: Path) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path, top), "region": _region(place)}


def _artifact(path: str, top: Path) -> dict[str, Any]:
    """A relative URI below the top folder, an absolute one elsewhere."""
    whole = os.path.abspath(path)
    if whole.startswith(f"{str(top).rstrip(os.sep)}{os.sep}"):
        below = whole[len(str(top)) :].lstrip(os.sep).replace(os.sep, "/")
        return {"uri": quote(below, errors="surrogateescape"), "uriBaseId": _BASE}
    return {"uri": Path(whole).as_uri()}


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _level(severity: Severity) -> str:
    return _LEVELS.get(severity, "note")
