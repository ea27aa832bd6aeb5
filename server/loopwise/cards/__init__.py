"""The cheatsheet: hand-written cards, and facts about asyncio that were measured."""

from __future__ import annotations

from loopwise.cards.api import Api, Facts, knowledge_folder, load_api
from loopwise.cards.blocking import Calls, Long, Unless, Way, blocking_table
from loopwise.cards.card import Card, Line, PageKind, Pitfall, Reference, Sample, Snippet
from loopwise.cards.catalogue import Catalogue, load, page_head
from loopwise.cards.frameworks import Takes, awaiting, closing, driving, takes
from loopwise.cards.snippet_text import defaults, escaped, plain
from loopwise.cards.usage import load_usage

__all__ = [
    "Api",
    "Calls",
    "Card",
    "Catalogue",
    "Facts",
    "Line",
    "Long",
    "PageKind",
    "Pitfall",
    "Reference",
    "Sample",
    "Snippet",
    "Unless",
    "Way",
    "awaiting",
    "blocking_table",
    "closing",
    "defaults",
    "driving",
    "escaped",
    "knowledge_folder",
    "load",
    "load_api",
    "load_usage",
    "page_head",
    "plain",
    "Takes",
    "takes",
]
