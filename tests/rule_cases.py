"""The cases of the rules' tests: each rule's own examples, and the pages ``rules/<family>/<rule>.md``.

A rule's file has the examples that its readers need; all others are sections of a page, one section a case::

    ## A coroutine kept in a list is gathered later

    One sentence that says which false alarm the case guards, or what it finds.

    ```python               main.py; carets below each place that is found, none in good code
    ```python fixed         what the first fix makes of it (of a case with one finding); further ones: the further fixes
    ```python net.py        another module of the project
    ```toml pyproject.toml  any other file
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from loopwise import rules
from loopwise.analysis.rule import Example, Rule
from loopwise.rules.registry import all_rules
from loopwise.text import encode
from sections import FENCE, prose_of, raw_sections, title_of

PAGES = Path(__file__).with_name("rules")
_CARETS = re.compile(r"^(?P<lead>\s*#?\s*)(?P<carets>\^+)\s*$")


class PageError(ValueError):
    """Raised for a page that cannot be read as cases; the message names the page, the section and the remedy."""


class Place(NamedTuple):
    """A place of a finding: byte offsets in the text without carets."""

    start: int
    end: int


class Case(NamedTuple):
    """A test of one rule: it finds exactly the places above the carets of ``marked``."""

    rule: Rule
    title: str
    marked: str
    """``main.py``, with its lines of carets."""
    fixed: tuple[str, ...] = ()
    """The text after each fix, in order. If empty, the case says nothing about fixes."""
    files: Mapping[str, str] = {}
    """The other files of the project, by name."""

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.title}"

    @property
    def code(self) -> str:
        """``main.py`` without its lines of carets."""
        return without_carets(self.marked)[0]

    @property
    def places(self) -> list[Place]:
        """The expected places in ``code``."""
        return without_carets(self.marked)[1]


def without_carets(text: str) -> tuple[str, list[Place]]:
    r"""The text without its lines of carets, and the places above those; several such lines may follow a line of code.

    >>> without_carets("x = f()\n#   ^^^\n")
    ('x = f()\n', [Place(start=4, end=7)])
    """
    lines: list[str] = []
    places: list[Place] = []
    for line in text.splitlines(keepends=True):
        carets = _CARETS.match(line)
        if carets is None:
            lines.append(line)
            continue
        if not lines:
            raise PageError("has carets with no code above them; put them below what is found")
        above = lines[-1]
        start = len(encode("".join(lines[:-1]) + above[: carets.start("carets")]))
        places.append(Place(start, start + len(encode(above[carets.start("carets") : carets.end("carets")]))))
    return "".join(lines), places


def own_cases(rule: Rule) -> Iterator[Case | PageError]:
    """Yield the examples in the rule's file, and an error for each that claims nothing."""
    for number, example in enumerate(rule.examples, 1):
        bad = Case(rule, f"example {number}", example.bad, example.fixed, _files(example))
        good = Case(rule, f"example {number}, good" if example.bad else bad.title, example.good, (), bad.files)
        if example.bad and not bad.places:
            yield PageError(f"{bad}: `bad` has no carets; put them below what is found, or make it `good`")
        yield from (case for case in (bad, good) if case.marked)


def _files(example: Example) -> dict[str, str]:
    """Return the files of an example; its target is one of them."""
    target = f'[tool.loopwise]\ntarget-version = "{example.target}"\n' if example.target else ""
    return {**example.files, **({"pyproject.toml": target} if target else {})}


def page_cases(page: Path) -> Iterator[Case | PageError]:
    """Yield the sections of a page, in order, and an error for each that cannot be read."""
    try:
        rule, raws = _rule_of(page), _sections_of(page)
    except PageError as error:
        yield PageError(f"{_shown(page)}: {error}")
        return
    titles = [title_of(raw) for raw in raws]
    for index, raw in enumerate(raws):
        try:
            yield _case(rule, raw, titles[:index])
        except PageError as error:
            yield PageError(f'{_shown(page)}, section "{titles[index]}": {error}')


def _shown(page: Path) -> str:
    return "/".join(page.parts[-4:])


def _rule_of(page: Path) -> Rule:
    """Return the rule of a page, which is named after it and lies in a folder named after its family."""
    rule = all_rules().get(page.stem)
    if rule is None:
        close = "".join(f"; did you mean {name}.md?" for name in get_close_matches(page.stem, all_rules(), 1))
        raise PageError(f"no rule is called {page.stem}; name the page after its rule{close}")
    module = page.stem.replace("-", "_") + ".py"
    families = [file.parent.name for folder in rules.__path__ for file in Path(folder).glob(f"*/{module}")]
    if page.parent.name not in families:
        raise PageError(f"the rule is in the family {' or '.join(families)}; move the page into that folder")
    if page.read_text("utf-8").partition("\n")[0] != f"# {rule.name}":
        raise PageError(f'the first line is not the name of the rule; write "# {rule.name}"')
    return rule


def _sections_of(page: Path) -> list[str]:
    found = raw_sections(page.read_text("utf-8"))
    if not found:
        raise PageError('has no section; write "## " and a title above each case')
    return found


def _case(rule: Rule, raw: str, titles_above: list[str]) -> Case:
    title = title_of(raw)
    if title in titles_above:
        raise PageError("has the title of a section above; titles name tests, so give it its own")
    blocks = list(FENCE.finditer(raw))
    if not blocks:
        raise PageError("has no code; add a python block, with carets below what is found, or delete the section")
    if not raw[raw.index("\n") : blocks[0].start()].strip():
        raise PageError("has no prose; say above the code which false alarm the case guards, or what it finds")
    if "```" in prose_of(raw):
        raise PageError("has a block that does not open with ``` and a language, or does not end with ```; add it")
    fixed = tuple(block["text"] for block in blocks if block["name"] == "fixed")
    files: dict[str, str] = {}
    for block in blocks:
        if block["name"] != "fixed":
            name = _file_name(block)
            if name in files:
                raise PageError(f"has two blocks for {name}; name the other file, or make it a section of its own")
            files[name] = block["text"]
    case = Case(rule, title, files.pop("main.py", ""), fixed, files)
    if not case.code.strip():
        raise PageError("has no code for main.py; add a python block without a name")
    if fixed and len(case.places) != 1:
        raise PageError(
            f"has a fixed block and {len(case.places)} findings; fixed needs exactly one: split the section"
        )
    return case


def _file_name(block: re.Match[str]) -> str:
    if block["name"] is None and block["language"] != "python":
        raise PageError(
            f"has a {block['language']} block without a name; write the name of its file after the language"
        )
    return block["name"] or "main.py"


def all_pages() -> list[Path]:
    """Return all pages of cases."""
    return sorted(PAGES.rglob("*.md"))


def all_cases() -> tuple[list[Case], list[PageError]]:
    """Return the cases of all rules, and the errors of those that cannot be read."""
    own = [case for rule in all_rules().values() for case in own_cases(rule)]
    every = [*own, *(case for page in all_pages() for case in page_cases(page))]
    return [case for case in every if isinstance(case, Case)], [case for case in every if isinstance(case, PageError)]
