"""Each parameter of each function of asyncio is explained: on its card, or in ``knowledge/parameters.toml``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from loopwise.cards.api import load_api
from loopwise.cards.card import Card
from loopwise.cards.catalogue import builtin
from loopwise.cards.parameters import Entry, read_parameters
from loopwise.features.hover import SymbolHover, markdown
from loopwise.text import Span

_CODE = re.compile(r"`([^`]+)`")
_PRIVATE = re.compile(r"\b_[A-Z]\w*|\b_\w*T\b")


def parameters() -> Iterator[tuple[str, str]]:
    """Yield the headings of cards, each with the parameter names of its function on any Python."""
    for symbol, facts in load_api().symbols.items():
        card = builtin().card(symbol)
        for _, signature in facts.signatures if card is not None else ():
            made = ast.parse(f"def f{signature}: ...").body[0]
            assert isinstance(made, ast.FunctionDef)
            spec = made.args
            found = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
            yield from ((card.name, argument.arg) for argument in found if card is not None)


ALL = sorted(set(parameters()))


def test_every_parameter_is_explained() -> None:
    """Signature help and the card have a sentence for each."""
    cards = {name: builtin().card(name) for name, _ in ALL}
    silent = [(name, parameter) for name, parameter in ALL if not _explained(cards[name], parameter)]
    assert silent == []


def test_only_existing_parameters_are_explained() -> None:
    """An entry that belongs to no function any more is noticed."""
    assert [(name, entry.name) for entry in entries() for name in entry.of if (name, entry.name) not in ALL] == []


def test_no_parameter_is_explained_twice() -> None:
    """A fact has one place."""
    said = [(name, entry.name) for entry in entries() for name in entry.of]
    assert sorted(set(said)) == sorted(said)


@pytest.mark.parametrize("name", ["asyncio.start_server", "asyncio.open_connection", "asyncio.create_subprocess_exec"])
def test_parameters_behind_kwds_are_shown(name: str) -> None:
    """The real keywords are in the signature, and each has its line in the whole card."""
    facts = load_api().facts(name)
    assert facts is not None
    hover = SymbolHover(Span(0, 0), name, builtin().card(name), facts)
    text = markdown(hover, load_api().span, samples="all", pitfalls=None)
    assert "**kw" not in text
    lacking = [
        parameter for card, parameter in ALL if card == name and not re.search(rf"`\*{{0,2}}{parameter}\b", text)
    ]
    assert lacking == []


def test_results_have_public_names() -> None:
    """Hovers show no private name of typeshed."""
    texts = {
        symbol: markdown(SymbolHover(Span(0, 0), symbol, None, load_api().facts(symbol)), load_api().span)
        for symbol in load_api().symbols
    }
    assert {symbol: found[0] for symbol, text in texts.items() if (found := _PRIVATE.search(text))} == {}


def entries() -> tuple[Entry, ...]:
    found, problems = read_parameters()
    assert problems == ()
    return found


def _explained(card: Card | None, parameter: str) -> bool:
    assert card is not None
    if any(one.name == parameter for one in card.parameters):
        return True
    lines = [line.text for paragraph in card.summary for line in paragraph]
    lines += [text for pitfall in card.pitfalls for text in (pitfall.title, *(line.text for line in pitfall.lines))]
    names = rf"(?<![\w.]){re.escape(parameter)}\b"
    return any(re.search(names, code) for line in lines for code in _CODE.findall(line))
