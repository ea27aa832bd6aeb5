"""An unreadable page of cases reports the page, the section and what to do; its other sections are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rule_cases import Case, Place, all_cases, all_pages, page_cases, without_carets

SOUND = """\
# blocking-sleep

What stands above the first section is prose.

## Sleeping blocks

It finds the call.

```python
import time

async def main():
    time.sleep(1)
#   ^^^^^^^^^^^^^
```
```python fixed
import asyncio
```
```python fixed
pass
```
```python net.py
"## no heading"
```
```toml pyproject.toml
[tool.loopwise]
```

## A thread may sleep

It guards what is not on the loop.

```python
import time
```
"""
CODE = "```python\nx = 1\n```\n"
FOUND = "```python\nx = f(f())\n#   ^^^^^^\n#     ^^^\n```\n"


def read(folder: Path, text: str, place: str = "blocking/blocking-sleep.md") -> list[object]:
    """Read a page at a place; return its cases, and the messages about the others."""
    page = folder / "tests" / "rules" / place
    page.parent.mkdir(parents=True)
    page.write_text(text, "utf-8")
    return [case if isinstance(case, Case) else str(case) for case in page_cases(page)]


def test_a_page_is_read(tmp_path: Path) -> None:
    bad, good = read(tmp_path, SOUND)
    assert isinstance(bad, Case)
    assert isinstance(good, Case)
    assert str(bad) == "blocking-sleep: Sleeping blocks"
    assert bad.code == "import time\n\nasync def main():\n    time.sleep(1)\n"
    assert bad.places == [Place(35, 48)]
    assert bad.fixed == ("import asyncio\n", "pass\n")
    assert bad.files == {"net.py": '"## no heading"\n', "pyproject.toml": "[tool.loopwise]\n"}
    assert (good.title, good.code, good.places, good.files) == ("A thread may sleep", "import time\n", [], {})


WRONG_SECTIONS = {
    "empty": ("Prose.\n", "has no code; add a python block"),
    "no prose": (CODE, "has no prose; say above the code which false alarm"),
    "fixed with two findings": (
        f"Prose.\n\n{FOUND}```python fixed\nx = 1\n```\n",
        "2 findings; fixed needs exactly one",
    ),
    "fixed with no finding": (f"Prose.\n\n{CODE}```python fixed\nx = 1\n```\n", "0 findings; fixed needs exactly one"),
    "two main files": (f"Prose.\n\n{CODE}{CODE}", "two blocks for main.py; name the other file"),
    "no main file": ("Prose.\n\n```python net.py\nx = 1\n```\n", "no code for main.py; add a python block"),
    "a file without a name": (f"Prose.\n\n{CODE}```toml\n[tool.x]\n```\n", "toml block without a name; write the name"),
    "carets first": ("Prose.\n\n```python\n# ^^\nx = 1\n```\n", "carets with no code above them; put them below"),
    "an open block": (f"Prose.\n\n{CODE}```python fixed\nx = 1\n", "does not end with ```"),
    "an old title": (f"Prose.\n\n{CODE}\n## Case\n\nProse.\n\n{CODE}", "title of a section above; titles name tests"),
}


@pytest.mark.parametrize("name", WRONG_SECTIONS)
def test_an_invalid_section_says_what_to_do(name: str, tmp_path: Path) -> None:
    section, message = WRONG_SECTIONS[name]
    *others, error = read(tmp_path, f"# blocking-sleep\n\n## Sound\n\nProse.\n\n{CODE}\n## Case\n\n{section}")
    assert isinstance(error, str)
    assert error.startswith('tests/rules/blocking/blocking-sleep.md, section "Case": ')
    assert message in error
    assert isinstance(others[0], Case)


WRONG_PAGES = {
    "an unknown rule": (SOUND, "blocking/blocking-slep.md", "no rule is called blocking-slep; name the page after its"),
    "a slip of the pen": (SOUND, "blocking/blocking-slep.md", "did you mean blocking-sleep.md?"),
    "another family": (SOUND, "lost/blocking-sleep.md", "the rule is in the family blocking; move the page into that"),
    "another heading": ("# sleep\n", "blocking/blocking-sleep.md", 'write "# blocking-sleep"'),
    "no sections": ("# blocking-sleep\n\nx\n", "blocking/blocking-sleep.md", 'has no section; write "## " and a title'),
}


@pytest.mark.parametrize("name", WRONG_PAGES)
def test_an_invalid_page_says_what_to_do(name: str, tmp_path: Path) -> None:
    text, place, message = WRONG_PAGES[name]
    (error,) = read(tmp_path, text, place)
    assert isinstance(error, str)
    assert error.startswith(f"tests/rules/{place}: ")
    assert message in error


def test_carets_on_several_lines_belong_to_the_same_code() -> None:
    assert without_carets("x = é(f())\n#   ^^^^^^\n#     ^^^\n") == ("x = é(f())\n", [Place(4, 11), Place(7, 10)])


def test_cases_exist_for_rules_and_pages() -> None:
    """No two have the same name, because names name tests."""
    cases, _ = all_cases()
    names = [str(case) for case in cases]
    assert sorted(set(names)) == sorted(names)
    assert {case.title for case in cases} >= {"example 1", "example 2"}
    assert {case.rule.name for case in cases} >= {page.stem for page in all_pages()}
