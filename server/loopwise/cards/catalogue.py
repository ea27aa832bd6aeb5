"""All of Loopwise's knowledge: the hand-written cards and the measured facts.

``builtin()`` is our own knowledge, ``load()`` adds the pages of a project and of installed packages, ``load_api()``
returns the facts. Files are read on first use, not on import. Nothing here raises because of a file's contents: see
``Catalogue.problems``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder, load_api, read_api
from loopwise.cards.card import Card, PageKind, Snippet
from loopwise.cards.messages import alike, find
from loopwise.cards.names import candidates
from loopwise.cards.parameters import read_parameters, with_parameters
from loopwise.problem import Problem

_Key = tuple[PageKind, str]
"""Keeps names, messages and patterns apart, so that equal headings of different kinds do not collide."""


class Catalogue(msgspec.Struct, frozen=True):
    """All cards, by page and by name."""

    by_page: Mapping[str, tuple[Card, ...]]
    by_key: Mapping[_Key, Card]
    problems: tuple[Problem, ...] = ()

    def card(self, name: str) -> Card | None:
        """The card of a name, keyword or term, or else of a message or idiom with that heading.

        Names, aliases and inheritance follow the rules of :mod:`loopwise.cards.names`.
        """
        for spelling in candidates(name, lambda owner: load_api().bases(owner)):
            if found := self.by_key.get((PageKind.NAMES, spelling)):
                return found
        return self.by_key.get((PageKind.MESSAGES, name)) or self.by_key.get((PageKind.PATTERNS, name))

    def keyword(self, term: str) -> Card | None:
        """The card of a keyword or term of ``syntax.md``: ``async with``, ``__aenter__``, ``coro``."""
        card = self.by_key.get((PageKind.NAMES, term))
        return card if card and PageKind.of(card.page) is PageKind.SYNTAX else None

    def names(self) -> tuple[str, ...]:
        """Every name, keyword and term that has a card, in page order."""
        return tuple(name for kind, name in self.by_key if kind is PageKind.NAMES)

    def messages(self) -> tuple[Card, ...]:
        """The cards of run-time messages, the most frequent first."""
        return self._of(PageKind.MESSAGES)

    def patterns(self) -> tuple[Card, ...]:
        """The cards of idioms, in page order."""
        return self._of(PageKind.PATTERNS)

    def snippets(self) -> tuple[tuple[Card, Snippet], ...]:
        """Every snippet with its card, in page order."""
        return tuple((card, snippet) for cards in self.by_page.values() for card in cards for snippet in card.snippets)

    def pages(self) -> Mapping[str, tuple[Card, ...]]:
        """The cards of each page in order: ours by file name, added ones by path. Replaced cards are left out."""
        return self.by_page

    def find_message(self, text: str) -> list[tuple[Card, str]]:
        """Messages that occur in a pasted traceback or log, each with the text that matched, best match first."""
        return find(text, self.messages())

    def message_from_memory(self, text: str) -> Card | None:
        """The message that somebody typed without its exact punctuation; ``None`` if it is not clear which."""
        from loopwise.cards.from_memory import from_memory  # Only a miss needs it.

        return from_memory(text, self.messages())

    def messages_like(self, text: str) -> list[Card]:
        """Up to three messages that share the most distinctive words with ``text``, closest first."""
        return alike(text, self.messages())

    def answering(self, question: str) -> list[Card]:
        """Up to three cards that answer a question in plain words, best first."""
        from loopwise.cards.questions import answering  # Only a miss needs it.

        return answering(self._all(), question)

    def answer(self, question: str, *, only_asked: bool = False) -> Card | None:
        """The card that answers a question in plain words; ``None`` if that is not clear.

        ``only_asked``: only a card that states the question.
        """
        from loopwise.cards.questions import answer

        return answer(self._all(), question, only_asked=only_asked)

    def near(self, name: str, n: int = 5) -> list[str]:
        """Up to ``n`` names similar to ``name``, which may omit everything before its last dot."""
        from difflib import get_close_matches  # Only a miss needs it.

        spellings: dict[str, list[str]] = {}
        for known in sorted(self.names(), key=len):
            inner = known.lower().removeprefix("asyncio.")
            for spelling in {inner, inner.rpartition(".")[2]}:
                spellings.setdefault(spelling, []).append(known)
        close = get_close_matches(name.lower().removeprefix("asyncio."), spellings, n, 0.7)
        return list(dict.fromkeys(known for spelling in close for known in spellings[spelling]))[:n]

    def search(self, text: str) -> list[Card]:
        """All cards that ``text`` may refer to, best first: by name, end of a name, message, words of a summary."""
        text = text.strip()
        exact = (self.card(text), self.card(f"asyncio.{text}"))
        hits = [*(card for card in exact if card), *self._ending(text)]
        hits += [card for card, _ in self.find_message(text)]
        return list(dict.fromkeys([*hits, *self._saying(text)]))

    def _all(self) -> Iterator[Card]:
        return (card for cards in self.by_page.values() for card in cards)

    def _of(self, kind: PageKind) -> tuple[Card, ...]:
        return tuple(card for page, cards in self.by_page.items() if PageKind.of(page) is kind for card in cards)

    def _ending(self, text: str) -> Iterator[Card]:
        """Cards whose name ends in ``text`` (``gather``, ``Queue.get``); the shortest, most general names first."""
        tail = f".{text.lower()}"
        ending = [name for name in self.names() if name.lower().endswith(tail)]
        yield from (self.by_key[PageKind.NAMES, name] for name in sorted(ending, key=len))

    def _saying(self, text: str) -> Iterator[Card]:
        """Cards with every word of ``text`` in their names or first sentence; those with all in the names first."""
        words = text.lower().split()
        cards = [*self._all()] if words else []
        named = [card for card in cards if _has(words, " ".join(card.names))]
        yield from named
        yield from (card for card in cards if _has(words, " ".join((*card.names, card.headline))))


def page_head(page: str) -> tuple[str, str]:
    """A page's title (the page as in :meth:`Catalogue.pages`), and the text between it and the first card."""
    path = Path(page) if Path(page).is_absolute() else knowledge_folder() / page
    title, _, about = disk.text(path).partition("\n## ")[0].strip().partition("\n")
    return title.lstrip("# "), about.strip()


@cache
def builtin() -> Catalogue:
    """Our own pages alone."""
    return _catalogue([_own()])


def load(extra: tuple[Path, ...] = (), entry_points: bool = False) -> Catalogue:
    """Our pages with those of ``extra`` (files and folders) and, if wanted, of installed packages.

    A card replaces any card of the same name that comes later in this order: ``extra``, packages, ours. Of two in the
    same source, the first is used and the second is reported.
    """
    from loopwise.cards.sources import pack_folders, read_pages

    if not extra and not entry_points:
        return builtin()
    folders, problems = pack_folders() if entry_points else ([], [])
    packs = read_pages(folders)
    layers = [read_pages(extra), (packs[0], problems + packs[1]), _own()]
    return _catalogue(layers)


@cache
def _own() -> tuple[list[Card], list[Problem]]:
    from loopwise.cards.sources import read_pages  # With the parser's patterns, which take a while to compile.

    folder = knowledge_folder()
    cards, problems = read_pages([folder], folder)
    return with_parameters(cards), [*read_api()[1], *read_parameters()[1], *problems]


def _catalogue(layers: Iterable[tuple[list[Card], list[Problem]]]) -> Catalogue:
    """Merge layers, the strongest first."""
    by_key: dict[_Key, Card] = {}
    problems: list[Problem] = []
    for cards, slips in layers:
        layer, doubles = _indexed(cards)
        by_key = {**layer, **by_key}
        problems += [*slips, *doubles]
    by_page: dict[str, list[Card]] = {}
    for card in dict.fromkeys(by_key.values()):
        by_page.setdefault(card.page, []).append(card)
    pages = {page: tuple(sorted(cards, key=lambda card: card.section_line)) for page, cards in by_page.items()}
    return Catalogue(MappingProxyType(pages), MappingProxyType(by_key), tuple(problems))


def _indexed(cards: list[Card]) -> tuple[dict[_Key, Card], list[Problem]]:
    """Index the cards by name; a heading takes precedence over an ``Also:`` entry."""
    layer: dict[_Key, Card] = {}
    problems: list[Problem] = []
    wanted = [(card.name, card) for card in cards] + [(name, card) for card in cards for name in card.names[1:]]
    for name, card in wanted:
        first = layer.setdefault((_space(card), name), card)
        if first is not card:
            message = f"`{name}` is already defined at {first.page}:{first.section_line}: rename one or merge the two"
            problems.append(Problem(card.page, card.name, card.section_line, message))
    return layer, problems


def _space(card: Card) -> PageKind:
    """The namespace of the card's names; keywords and terms share that of names."""
    kind = PageKind.of(card.page)
    return PageKind.NAMES if kind is PageKind.SYNTAX else kind


def _has(words: list[str], text: str) -> bool:
    return all(word in text.lower() for word in words)
