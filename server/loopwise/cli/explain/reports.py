"""Explains a traceback or log to people: the line of their code that causes each report, and its fix."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from loopwise.cards import load_api
from loopwise.cli.check.source import Text, read_python, write_bytes
from loopwise.cli.explain.answer import ReportAnswer, report_answer, shown
from loopwise.cli.screen import Screen, excerpt, make_screen
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.together import best, together
from loopwise.diagnosis.verify import applied, broken
from loopwise.features.hover import markdown
from loopwise.features.lookup import as_found
from loopwise.features.tracebacks import Cause, CheckedFile
from loopwise.project import Root

_MOST_LINES = 5  # of the log, named for one group


def show(groups: Sequence[Sequence[Cause]], root: Root, svg: str | None, *, fix: bool) -> None:
    """Show each group with its line; the card of the first, and the headlines of the others."""
    screen = make_screen(svg)
    for group in groups:
        _show_group(screen, group, many=len(groups) > 1 or len(group) > 1, fix=fix)
    screen.rule()
    meant = as_found(load_api(), groups[0][0].meaning.card)
    screen.markdown(markdown(meant.hover, root.target, samples="all", pitfalls=None))
    screen.close()


def fixed(groups: Sequence[Sequence[Cause]]) -> None:
    """Apply the safe fixes of the findings shown; report the outcome on standard error."""
    by_file: dict[CheckedFile, list[Found]] = {}
    for cause in (group[0] for group in groups):
        if cause.checked is not None and cause.found is not None:
            known = by_file.setdefault(cause.checked, [])
            known += [cause.found] if all(cause.found is not one for one in known) else []
    for file, found in by_file.items():
        print(f"loopwise: {shown(file.path)}: {_fix(file, found)}", file=sys.stderr)


def _fix(file: CheckedFile, found: list[Found]) -> str:
    """Fix a file; returns the outcome as text."""
    edits, made = together(found)
    if not edits:
        return "nothing fixed: there is no safe fix"
    text = read_python(str(file.path))
    if not isinstance(text, Text):
        return text.message
    after = applied(file.document, edits)
    data = text.encoded(after)
    if data is None or broken(file.document, after, edits) or text.source.data != file.document.source.data:
        return "nothing fixed: the fix does not match the file"
    trouble = write_bytes(str(file.path), text.data, data)
    return trouble.message if trouble is not None else f"fixed {len(made)} of {len(found)}"


def _show_group(screen: Screen, group: Sequence[Cause], *, many: bool, fix: bool) -> None:
    answer, cause = report_answer(group), group[0]
    times = f"{answer.count} × " if answer.count > 1 else ""
    screen.markdown(f"**{times}{_quoted(answer.matched)}**" + (f" ({_lines(answer)})" if many else ""))
    if answer.file is not None:
        _show_line(screen, cause, answer)
        if cause.found is not None:
            screen.markdown(_finding(cause.found, answer, fix=fix))
    if many:
        screen.markdown(answer.summary)


def _quoted(matched: str) -> str:
    shown_text = " ".join(matched.split())
    return f"`{shown_text}`" if "`" not in shown_text else shown_text


def _show_line(screen: Screen, cause: Cause, answer: ReportAnswer) -> None:
    seen = f", seen at {', '.join(answer.seen_at[:3])}" if answer.seen_at else ""
    screen.markdown(f"Your line: {answer.file}:{answer.line}{seen}")
    if cause.checked is not None and cause.found is not None:
        screen.excerpt(excerpt(cause.checked.document.source, cause.found.finding.span))
    elif answer.code:
        screen.markdown(f"```python\n{answer.code}\n```")


def _finding(found: Found, answer: ReportAnswer, *, fix: bool) -> str:
    text = f"{found.rule.code} {answer.rule}: {answer.finding}."
    safe = best(found)
    if safe is not None:
        return f"{text}\nFix: {safe.title}" + ("" if fix else " (apply it with `--fix`)")
    return f"{text}\nUnsafe fix: {answer.fix}" if answer.fix else text


def _lines(answer: ReportAnswer) -> str:
    few = ", ".join(map(str, answer.lines[:_MOST_LINES])) + (" …" if len(answer.lines) > _MOST_LINES else "")
    return f"line {few}" if len(answer.lines) == 1 else f"lines {few}"
