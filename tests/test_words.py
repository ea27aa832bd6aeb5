"""The words that STYLE.md rules out do not come back, and messages, titles and refusals keep their one form.

Prose is what a person reads: pages, cards, visible strings, and what colleagues read: docstrings and comments.  Code is
taken out of it: fences, words in backticks, URLs.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import findings
from rule_cases import all_cases
from scenario import Stages
from test_assists import CASES as ASSISTS
from test_assists import offers

ROOT = Path(__file__).parents[1]
LONGEST_MESSAGE = 100
LONGEST_TITLE = 50


class Line(NamedTuple):
    """A line of prose."""

    path: str
    number: int
    text: str


WORDS: Mapping[str, str] = MappingProxyType(
    {
        r"\bmend(s|ed|ing)?\b": "fix",
        r"\bgives\b(?! up)|\bgive[sn]? back\b|\bgave back\b": "returns, yields, provides",
        r"\bsilenc(e|es|ed|ing)\b": "suppress",
        r"\bfor ever\b": "forever",
        r"\bnobody\b": "the passive: it is never awaited, it is not stored",
        r"\bstands?\b(?! for|s? in for|-)|\bstood\b": "is, comes, appears",
        r"(?<!there )(?<!where )\bis no\b(?! longer| more| less| better| opinion)": "is not a",
        r"\bthe (async )?twins?\b": "the async equivalent",
        r"\bbut for\b(?! the first)": "except, apart from",
        r"\bslips? of the pen\b|\ba slip\b": "a typo, a mistake",
        r"\bwork(s|ed)? out\b": "computes, determines",
    }
)
"""Ruled out everywhere."""

SHOWN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        r"(?<!square )\bbrackets?\b": "parentheses",
        r"\bmeanwhile\b": "at the same time, in the meantime",
        r"(?<![.\w=])(aw|aws|corof|corofs|coros?|agen)\b(?!['.=)\]])": "awaitable, coroutine function, coroutine",
    }
)
"""Ruled out in text for users: pages, cards and visible strings."""

SUBJECTS = re.compile(r"(?:What|Whether|Who|Whom|Whatever|Where|How|Why|Those|Of)\b")
"""Beginnings of docstrings that paraphrase a noun: rather a verb, or the noun."""

NAME_WORDS = re.compile(
    r"\b(?:gives?|stands?|stood|silenc\w+|mend\w*|twins?|slips?|nobody|but for|for ever)\b"
    r"|(?<!there )\bis no\b(?! longer)"
)
"""Words that names of tests do not have either; STYLE.md has their replacements."""

VERBS = frozenset(
    "Accept Acquire Add Assign Await Build Cache Call Cancel Catch Check Close Collect Convert Enter Extract Fix Guard"
    " Inherit Insert Iterate Make Move Name Pass Put Raise Re-raise Read Remove Rename Replace Return Run Schedule"
    " Start Stop Store Submit Suppress Take Unpack Use Wait Wrap".split()
)
"""Verbs with which a title, an imperative, may begin."""

ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "server/STYLE.md": frozenset({"| "}),  # the table that rules them out
        "server/ARCHITECTURE.md": frozenset({"an unclosed bracket"}),  # of any kind
        "knowledge/README.md": frozenset({"without the brackets"}),  # square ones
        "server/loopwise/features/completion/likeness.py": frozenset({"fut future coro"}),  # words to compare
        "server/loopwise/features/tracebacks/causes.py": frozenset({"coro=<"}),  # a pattern of Python's messages
        "server/loopwise/rules/lost/wait_on_coroutines.py": frozenset({"(coro) for coro in"}),  # code that is written
    }
)
"""Parts of lines that may have such a word, by file. The last test of words checks that each still exists."""

GENERATED = frozenset({"server/RULES.md", "server/SETTINGS.md"})


def _without_code(text: str) -> str:
    return re.sub(r"``[^`]*``|`[^`\n]*`|https?://\S+|<!--.*?-->", "``", text)


def markdown(path: Path) -> Iterator[Line]:
    """Yield the prose of a page, without headings and footers of cards, which are names."""
    inside = False
    for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if text.lstrip().startswith("```"):
            inside = not inside
        elif not inside and not text.startswith(("## ", "Also: ")):
            prose = re.sub(r"See also: .*", "", text)
            yield Line(str(path.relative_to(ROOT)), number, _without_code(prose))


def python(path: Path, *, visible: bool) -> Iterator[Line]:
    """Yield a module's strings that may be shown (those with spaces), or its docstrings and comments."""
    previous = tokenize.NEWLINE
    for token in _tokens(path.read_text("utf-8")):
        if token.type == tokenize.STRING:
            opens = token.string.lstrip("rRbBfF").startswith('"""')
            is_doc = opens and previous in {tokenize.NEWLINE, tokenize.INDENT}
            if is_doc != visible:
                yield from _lines(path, token.start[0], token.string, visible=visible)
        elif token.type == tokenize.COMMENT and not visible:
            yield from _lines(path, token.start[0], token.string, visible=False)
        if token.type not in {tokenize.NL, tokenize.COMMENT}:
            previous = token.type


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of a module, with an f-string as one string: Python 3.12 and newer split it."""
    starts, ends = getattr(tokenize, "FSTRING_START", None), getattr(tokenize, "FSTRING_END", None)
    lines = source.splitlines(keepends=True)
    deep, first = 0, (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == starts:
            deep, first = deep + 1, first if deep else token.start
        elif token.type == ends:
            deep -= 1
            if not deep:
                (top, left), (bottom, right) = first, token.end
                text = "".join(lines[top - 1 : bottom - 1]) + lines[bottom - 1][:right]
                yield tokenize.TokenInfo(tokenize.STRING, text[left:], first, token.end, token.line)
        elif not deep:
            yield token


def _lines(path: Path, start: int, text: str, *, visible: bool) -> Iterator[Line]:
    if visible and (" " not in text or "\n" in text):
        return
    whole = re.sub(r"``[^`]*``|`[^`\n]*`|^\s*>>>.*$", lambda m: "\n" * m[0].count("\n"), text, flags=re.MULTILINE)
    whole = re.sub(r"\{[^{}\n]*\}", "{}", whole) if visible else whole
    for number, line in enumerate(whole.splitlines(), start):
        yield Line(str(path.relative_to(ROOT)), number, line)


def _pages() -> list[Path]:
    folders = ("knowledge", "server", "vscode-client")
    return [ROOT / "README.md", *(page for name in folders for page in sorted((ROOT / name).glob("*.md")))]


def _modules() -> list[Path]:
    return sorted(path for folder in ("loopwise", "tools") for path in (ROOT / "server" / folder).rglob("*.py"))


def _typescript() -> Iterator[Line]:
    for path in sorted((ROOT / "vscode-client" / "src").glob("*.ts")):
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            said = re.findall(r"//.*|\*.*|\"[^\"]* [^\"]*\"|`[^`]* [^`]*`", re.sub(r"\$\{[^}]*\}", "", text))
            yield Line(str(path.relative_to(ROOT)), number, " ".join(said))


def _shown() -> Iterator[Line]:
    for path in _pages():
        yield from markdown(path)
    for path in (path for path in _modules() if "tools" not in path.parts):
        yield from python(path, visible=True)
    yield from _typescript()
    manifest = ROOT / "vscode-client" / "package.json"
    for number, text in enumerate(manifest.read_text("utf-8").splitlines(), 1):
        yield Line(str(manifest.relative_to(ROOT)), number, _without_code(text) if "escription" in text else "")
    for name in ("blocking.toml", "parameters.toml"):
        for number, text in enumerate((ROOT / "knowledge" / name).read_text("utf-8").splitlines(), 1):
            yield Line(f"knowledge/{name}", number, _without_code(text) if re.match("why|says|#|[A-Z]", text) else "")


def _written() -> Iterator[Line]:
    for path in (*_modules(), *_tests()):
        yield from python(path, visible=False)


def _tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def _docstrings() -> Iterator[tuple[str, str]]:
    """Yield the docstrings of code, tests and attributes, but no pages of rules and assists, and no settings' help."""
    for path in (*_modules(), *_tests()):
        where = path.relative_to(ROOT).as_posix()
        if where == "server/loopwise/settings/fields.py":
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            body = getattr(node, "body", None)
            page = isinstance(node, ast.Module) and re.match("server/loopwise/(?:rules|assists)/", where) is not None
            for statement in body[page:] if isinstance(body, list) else ():
                match statement:
                    case ast.Expr(ast.Constant(str(text))):
                        yield f"{where}:{statement.lineno}", text.strip()


def _is_allowed(line: Line) -> bool:
    return any(part in line.text for part in ALLOWED.get(line.path, ()))


def _found(lines: Iterator[Line], words: Mapping[str, str]) -> list[str]:
    patterns = [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in words.items()]
    return [
        f"{line.path}:{line.number}: {found[0]!r} (rather: {instead}): {line.text.strip()[:100]}"
        for line in lines
        for pattern, instead in patterns
        if (found := pattern.search(line.text)) and not _is_allowed(line)
    ]


def test_no_word_that_style_rules_out_is_shown() -> None:
    assert _found(_shown(), {**WORDS, **SHOWN_WORDS}) == []


def test_no_word_that_style_rules_out_is_in_docstrings_and_comments() -> None:
    assert _found(_written(), WORDS) == []


def test_no_docstring_begins_with_a_question_word() -> None:
    """One that names its subject begins with a verb or a noun; one that returns a bool asks a question."""
    assert [f"{where}: {text[:100]}" for where, text in _docstrings() if SUBJECTS.match(text)] == []


def test_no_test_has_a_word_in_its_name_that_style_rules_out() -> None:
    names = {name for path in _tests() for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))}
    assert sorted(name for name in names if NAME_WORDS.search(name.replace("_", " "))) == []


def test_each_exception_is_still_needed() -> None:
    lines = [*_shown(), *_written()]
    parts = [(path, part) for path, some in ALLOWED.items() for part in some]
    assert [one for one in parts if not any(line.path == one[0] and one[1] in line.text for line in lines)] == []


OPENERS = frozenset(
    "a an and at both each in it its line no nothing one some that the there they this what where".split()
)
"""Not names of code: a text that begins with one of these begins a sentence in lower case."""


class Said(NamedTuple):
    """The texts that the examples of rules and assists show."""

    messages: dict[str, str]
    titles: dict[str, str]
    refusals: dict[str, str]


@pytest.fixture(scope="module")
def said(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Collect each message, title and refusal, with the rule or the assist that shows it."""
    shown = Said({}, {}, {})
    for case in all_cases()[0]:
        if not case.places:
            continue
        stage = stages.of(case.files)
        for one in findings(stage.workspace.view(stage.open("main.py", case.code)), [case.rule]):
            shown.messages[one.finding.message] = case.rule.name
            for related in one.finding.related:
                shown.messages[related.message] = f"{case.rule.name}, related"
            for fix in one.finding.fixes():
                _note(shown, fix, case.rule.name)
    for assist in ASSISTS:
        for offer in offers(assist, tmp_path_factory.mktemp("assist"), assist.example.before)[1]:
            _note(shown, offer.fix, assist.assist.name)
    return shown


def _note(shown: Said, fix: Fix, name: str) -> None:
    shown.titles[fix.title] = name
    if fix.refused:
        shown.refusals[fix.refused] = name


def _is_one_form(text: str) -> bool:
    """Does it begin with a capital or a name of code, without a full stop unless it has two sentences?"""
    begins = not text[:1].islower() or text.split(maxsplit=1)[0] not in OPENERS
    return begins and (not text.endswith(".") or ". " in text)


def test_messages_begin_with_a_capital_and_are_short(said: Said) -> None:
    """Related places may begin with a name instead."""
    wrong = [
        f"{name}: {text}"
        for text, name in said.messages.items()
        if len(text) > LONGEST_MESSAGE
        or not _is_one_form(text)
        or (not name.endswith("related") and not text[0].isupper())
    ]
    assert not wrong, "\n".join(wrong)


def test_titles_are_short_imperatives(said: Said) -> None:
    """Further changes of an assist are in parentheses at the end of the title."""
    wrong = [
        f"{name}: {title}"
        for title, name in said.titles.items()
        if len(re.sub(r" \([^()]* [^()]*\)$", "", title)) > LONGEST_TITLE
        or title.split()[0].rstrip(":") not in VERBS
        or title.endswith(".")
        or re.match(r"\S+ (it|them)\b", title)
    ]
    assert not wrong, "\n".join(wrong)


def test_refusals_share_one_form(said: Said) -> None:
    assert [f"{name}: {text}" for text, name in said.refusals.items() if not _is_one_form(text)] == []
