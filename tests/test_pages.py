"""A page as a person writes it: every part is read, and a mistake affects one card and is explained."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopwise.cards.api import knowledge_folder
from loopwise.cards.card import PLACES, Card, Line, Pitfall, Reference, Sample, Snippet
from loopwise.cards.page import parse_page
from loopwise.versions import Target, VersionRange

FULL = """\
# Shop

What the page is about.

## shop.Client.get

Also: shop.get, shop.fetch

Get one thing.

[3.11+] It is quick.
It is `[quoted]`, and [3.11](https://example.org) is a link.
- [-3.10] First item,
  carried on.
- Second item.

> **Keep the handle.** The loop forgets it.
> [3.12+] It says so.

> [3.11-3.13] **Do not wait**.

```python
print(1)
## no heading
#> 1
```

```python 3.11+ threads sockets
print(2)
```

```snippet get-all async-with 3.11+ import=json,os.path
shop.all($1) as ${2:goods}:

    ${0:pass}
```

```snippet get body
x
```

Prefer: shop.all [3.11+] - many, in order, shop.one · Raises: `KeyError`, ValueError - when empty · See also: await

## shop.Client.put

Put one thing.
"""

NEW, OLD = VersionRange((3, 11), None), VersionRange(None, (3, 10))


def page(text: str, name: str = "shop.md") -> list[Card]:
    """Return the cards of a page, which must have no problems."""
    cards, problems = parse_page(text, name)
    assert problems == []
    return cards


def test_the_snippet_that_the_readme_shows_is_read_as_it_says() -> None:
    """The page on writing cards follows its own rules."""
    readme = (knowledge_folder() / "README.md").read_text("utf-8")
    shown = readme.partition("````markdown\n")[2].partition("````")[0]
    (card,) = page(f"# P\n\n## Ask\n\nAsk for it.\n\n{shown}", "patterns.md")
    (snippet,) = card.snippets
    assert (snippet.name, snippet.place, snippet.versions, snippet.imports) == ("ask", "body", NEW, ("json",))
    assert snippet.body.startswith("async with") and snippet.body.endswith("$0")
    assert [place for place in PLACES if f"`{place}` (" not in readme] == []


def marked(text: str) -> tuple[str, int]:
    """Return the text without its ``$0``, and the line number of that."""
    before, _, after = text.partition("$0")
    return before + after, before.count("\n") + 1


def test_a_card_has_every_part_of_its_section() -> None:
    card, after = page(FULL)
    assert after.names == ("shop.Client.put",)
    assert card.names == ("shop.Client.get", "shop.get", "shop.fetch")
    assert (card.name, card.headline, card.page) == ("shop.Client.get", "Get one thing.", "shop.md")
    assert FULL.splitlines()[card.section_line - 1] == "## shop.Client.get"
    assert card.summary[1] == (
        Line("It is quick.", NEW),
        Line("It is `[quoted]`, and [3.11](https://example.org) is a link."),
        Line("- First item,", OLD),
        Line("  carried on.", OLD),
        Line("- Second item."),
    )
    assert card.pitfalls == (
        Pitfall("Keep the handle", (Line("The loop forgets it."), Line("It says so.", VersionRange((3, 12), None)))),
        Pitfall("Do not wait", (), VersionRange((3, 11), (3, 13))),
    )
    assert card.samples == (
        Sample("print(1)\n## no heading\n#> 1"),
        Sample("print(2)", NEW, frozenset({"threads", "sockets"})),
    )
    assert card.snippets == (
        Snippet("get-all", "async-with", NEW, "shop.all($1) as ${2:goods}:\n\n    ${0:pass}", ("json", "os.path")),
        Snippet("get", "body", VersionRange(), "x"),
    )
    assert card.prefer == (Reference("shop.all", NEW, "many, in order"), Reference("shop.one"))
    assert card.raises == (Reference("KeyError"), Reference("ValueError", None, "when empty"))
    assert card.see_also == (Reference("await"),)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(end: str) -> None:
    assert page("\ufeff" + FULL.replace("\n", end)) == page(FULL)


def test_a_card_for_a_target_has_only_what_applies_to_it() -> None:
    card = page(FULL)[0].on(Target((3, 10), (3, 10)))
    assert [line.text for line in card.summary[1]][1:] == ["- First item,", "  carried on.", "- Second item."]
    assert [(pitfall.title, len(pitfall.lines)) for pitfall in card.pitfalls] == [("Keep the handle", 1)]
    assert [sample.code for sample in card.samples] == ["print(1)\n## no heading\n#> 1"]
    assert [snippet.name for snippet in card.snippets] == ["get"]
    assert card.prefer == (Reference("shop.one"),)


def test_messages_keep_their_commas_and_show_themselves() -> None:
    text = "# M\n\n## a, b … c\n\nAlso: d, e\nAlso: `f`\n\nIt happened.\n\n```python shows 3.12+\nx\n```\n"
    (card,) = page(text, "docs/messages.md")
    assert card.names == ("a, b … c", "d, e", "f")
    assert card.samples == (Sample("x", VersionRange((3, 12), None), shows=True),)


def test_headings_of_syntax_and_patterns_need_not_be_names() -> None:
    assert page("# S\n\n## async with\n\nEnter.\n\n## \\_\\_aenter\\_\\_\n\nIt.\n", "syntax.md")[1].name == "__aenter__"
    assert page("# P\n\n## Shut down in order\n\nStop.\n", "patterns.md")[0].name == "Shut down in order"


HEAD = "# Shop\n\n## shop.good\n\nGood.\n\n"
BROKEN = [
    ("$0## shop.bad\n", "no summary"),
    ("$0## shop bad\n\nText.\n", "is not a dotted name"),
    ("## shop.bad\n\n$0[3.13-3.11] Text.\n", "is not a range"),
    ("$0## shop.bad\n\n[3.11+] Text.\n", "first sentence"),
    ("## shop.bad\n\nText.\n- [3.11] item\n- $0[3.1.1+] item\n", "is not a range"),
    ("## shop.bad\n\nText.\n\n$0> Not bold.\n", "bold phrase"),
    ("## shop.bad\n\nText.\n\n$0> **No full stop** here\n", "bold phrase"),
    ("## shop.bad\n\nText.\n\n$0```\nx\n```\n", "```python"),
    ("## shop.bad\n\nText.\n\n$0```python 3.11+ 3.12\nx\n```\n", "one range"),
    ("## shop.bad\n\nText.\n\n$0```python gpu\nx\n```\n", "`gpu`"),
    ("## shop.bad\n\nText.\n\n$0```python\n```\n", "empty"),
    ("## shop.bad\n\nText.\n\n$0```python\nx\n", "not closed"),
    *(
        (f"## shop.bad\n\nText.\n\n$0```snippet{info}\n{body}```\n", said)
        for info, body, said in [
            ("", "x\n", "lacks a name"),
            (" module", "x\n", "lacks a name"),
            (" Get body", "x\n", "in lower case"),
            (
                " get everywhere",
                "x\n",
                "`everywhere` is not a place for a snippet: write one of module, body, async-with",
            ),
            (" get 3.11+ body", "x\n", "`3.11+` is not a place"),
            (" get body threads", "x\n", "`threads` after the snippet's place"),
            (" get body 3.11+ 3.12", "x\n", "one range"),
            (" get body import=a import=b", "x\n", "one import"),
            (" get body import=", "x\n", "`import=`"),
            (" get body", "", "the snippet is empty"),
            (" get body", " \n\n", "the snippet is empty"),
            (" get body", "f(${1:x)\n", "not closed"),
            (" get body", "f(${1:x, ${2:y})\n", "not closed"),
            (" get body", "f(${x})\n", "`${x})` is not a tab stop"),
            (" get body", "f($x)\n", "`$x)` is not a tab stop"),
            (" get body", "f(${1)\n", "`${1)` is not a tab stop"),
            (" get body", "f(${1|a,b)\n", "is not a tab stop"),
            (" get body", "f(${1/a/b/})\n", "is not a tab stop"),
            (" get body", 'f("5$")\n', "`\\$` for a dollar"),
            (" get body", 'f("\\n")\n', "a single backslash"),
        ]
    ),
    ("## shop.bad\n\nText.\n\n$0```snippet get body\nx\n", "the snippet is not closed"),
    ("## shop.bad\n\nText.\n\n```snippet get body\nx\n```\n\n$0```python\nx\n```\n", "snippets, one footer line"),
    ("## shop.bad\n\nText.\n\nSee also: shop.good\n\n$0```snippet get body\nx\n```\n", "comes too late"),
    ("## shop.bad\n\nText.\n\n> **It.** Bad.\n\n$0More text.\n", "comes too late"),
    ("## shop.bad\n\nText.\n\nSee also: shop.good\n\n$0```python\nx\n```\n", "comes too late"),
    ("## shop.bad\n\nText.\n\n$0See also: shop.good\nRaises: KeyError\n", "one line"),
    ("## shop.bad\n\nText.\n\n$0See also: shop.good · Raises: KeyError\n", "order"),
    ("## shop.bad\n\nText.\n\n$0See also: shop.good · See also: shop.good\n", "order"),
    ("## shop.bad\n\nText.\n\n$0See also: shop.good · Since: 3.11\n", "`Since: 3.11`"),
    ("## shop.bad\n\nText.\n\n$0See also: shop.good [3+]\n", "cannot be read"),
    ("## shop.bad\n\nText.\n\n$0Raises:\n", "cannot be read"),
]


@pytest.mark.parametrize(("section", "said"), BROKEN)
def test_a_broken_card_is_reported_at_its_line_and_the_others_load(section: str, said: str) -> None:
    text, line = marked(f"{HEAD}{section}\n## shop.last\n\nLast.\n\n```python\nx\n```\n")
    cards, problems = parse_page(text, "shop.md")
    assert [card.name for card in cards] == ["shop.good", "shop.last"]
    assert [(problem.file, problem.line) for problem in problems] == [("shop.md", line)]
    assert said in problems[0].message
    assert problems[0].section.startswith("shop")


def test_all_mistakes_in_a_card_are_reported_together() -> None:
    text = f"{HEAD}## shop.bad\n\n> It.\n\n```\nx\n```\n"
    assert len(parse_page(text, "shop.md")[1]) == 3


@pytest.mark.parametrize(("text", "said"), [("", "title"), ("# Shop\n", "no card"), ("## shop.a\n\nText.\n", "title")])
def test_a_page_needs_a_title_and_cards(text: str, said: str) -> None:
    assert any(said in problem.message for problem in parse_page(text, "shop.md")[1])


PIECES = [
    "# T",
    "## a.b",
    "##",
    "Also:",
    "Also: c",
    "Asked:",
    "Asked: d, e",
    "Text.",
    "> ",
    "> **B.** c",
    "- [3.11+] x",
    "[3.99",
    "```python 3",
    "```snippet a body",
    "```snippet",
    "${1:x",
    "```",
]
PIECES += [
    "~~~",
    "",
    "  - [-3.10]",
    "See also:",
    "See also: x [3.1]",
    "Raises: a · b",
    "\x00",
    "\u2028",
    "[3.11+]",
    "Prefer: , ;",
]


@settings(database=None, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14))
def test_parsing_never_fails(lines: list[str]) -> None:
    for name in ("shop.md", "messages.md"):
        cards, _ = parse_page("\n".join(lines), name)
        assert all(card.names and card.headline is not None for card in cards)


RANGES = [
    ("3.11+", {11, 12, 13, 14}),
    ("-3.10", {10}),
    ("3.11-3.13", {11, 12, 13}),
    ("3.12", {12}),
]


@pytest.mark.parametrize(("text", "minors"), RANGES)
def test_a_range_contains_the_versions_it_names(text: str, minors: set[int]) -> None:
    held = VersionRange.parse(text)
    assert held is not None
    assert {minor for minor in range(10, 15) if (3, minor) in held} == minors
    assert str(held) == text
    for floor in range(10, 15):
        for ceiling in range(floor, 15):
            target, span = Target((3, floor), (3, ceiling)), set(range(floor, ceiling + 1))
            assert target.touches(held) == bool(span & minors)
            assert target.within(held) == (span <= minors)


@pytest.mark.parametrize("text", ["", "3", "3.11-", "+3.11", "3.13-3.11", "3.11+3.12", "[3.11]", "3.11.1"])
def test_other_texts_are_not_a_range(text: str) -> None:
    assert VersionRange.parse(text) is None
