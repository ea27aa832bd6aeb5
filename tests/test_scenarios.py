"""The pages of ``scenarios/``: hovers on complete code and on code that is being typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marked import cursor
from scenario import Section, Stages, answers, said, sections, stage, updated

SECTIONS = list(sections())
NEEDS_MORE = "needs what follows"  # in the prose of a section whose names mean something by the blocks below them
CLAIMED = [section for section in SECTIONS if any(block.claims for block in section.blocks)]
SHOWN = [section for section in SECTIONS if any(block.shown is not None for block in section.blocks)]

BROKEN_ABOVE = ("total = = 3\n", "items = [1, 2\n\n", "class :\n", "def (x):\n    pass\n", "value = items[\n\n")
BROKEN_BELOW = (
    "\n\nasync def unfinished():\n    async with asyncio.\n",
    "\n\ndef unfinished(x, y",
    "\n\nvalue = compute(x, [1, 2\n",
    "\n\nclass Unfinished(\n",
    "\n\nif ready:\n",
    '\n\ntext = "unfinished\n',
)


def test_no_two_sections_have_the_same_title() -> None:
    """Titles name tests."""
    names = [str(section) for section in SECTIONS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("section", CLAIMED, ids=str)
def test_a_hover_says_what_the_page_claims(section: Section, stages: Stages, request: pytest.FixtureRequest) -> None:
    """``pytest --update`` rewrites the claims to the actual hovers."""
    if request.config.getoption("--update"):
        text = section.page.read_text("utf-8").replace(section.raw, updated(section, stages), 1)
        section.page.write_text(text, "utf-8")
        return
    wrong = [
        f"{block.name}:{claim} is {is_}, not {claim.says}"
        for block, claim, is_ in answers(section, stages)
        if is_ != claim.says
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("section", SHOWN, ids=str)
def test_a_hover_reads_as_the_page_shows(section: Section, stages: Stages, request: pytest.FixtureRequest) -> None:
    """The ``markdown`` block after a ``$0`` is the whole hover."""
    if request.config.getoption("--update"):
        text = section.page.read_text("utf-8").replace(section.raw, updated(section, stages), 1)
        section.page.write_text(text, "utf-8")
        return
    scene = stage(section, stages)
    for block in section.blocks:
        if block.shown is not None:
            code, offset = cursor(block.text)
            assert scene.markdown(scene.open(block.name, code), offset) + "\n" == block.shown


@pytest.mark.parametrize("section", CLAIMED, ids=str)
def test_broken_code_elsewhere_changes_no_hover(section: Section, stages: Stages) -> None:
    """A half-typed statement above or below does not change the rest of the file."""
    wrong = [f"{where!r}: {claim} is {is_}" for where, claim, is_ in _disturbed(section, stages)]
    assert not wrong, "\n".join(wrong)


def _disturbed(section: Section, stages: Stages) -> Iterator[tuple[str, str, str]]:
    scene = stage(section, stages)
    for block in section.blocks:
        found = block.claims
        for above, below in [*((text, "") for text in BROKEN_ABOVE), *(("", text) for text in BROKEN_BELOW)]:
            document = scene.open(block.name, above + block.code + below)
            for claim in found:
                is_ = said(scene.hover(document, len(above) + claim.offset))
                if is_ != claim.says:
                    yield above or below, str(claim), is_


@pytest.mark.parametrize("section", [s for s in CLAIMED if NEEDS_MORE not in s.raw], ids=str)
def test_the_hover_is_there_as_soon_as_the_name_is_typed(section: Section, stages: Stages) -> None:
    """The card of a public name needs nothing after the name: neither the rest of the line nor that of the file."""
    wrong = [f"{how}: {claim} is {is_}" for how, claim, is_ in _typed_so_far(section, stages)]
    assert not wrong, "\n".join(wrong)


def _typed_so_far(section: Section, stages: Stages) -> Iterator[tuple[str, str, str]]:
    scene = stage(section, stages)
    for block in section.blocks:
        for claim in (claim for claim in block.claims if claim.says.startswith("asyncio")):
            end = claim.offset + len(claim.symbol)
            line_end = block.code.find("\n", end)
            for how, text in {"end": block.code[:end], "line": block.code[:end] + block.code[line_end:]}.items():
                is_ = said(scene.hover(scene.open(block.name, text), claim.offset))
                if is_ != claim.says:
                    yield how, str(claim), is_
