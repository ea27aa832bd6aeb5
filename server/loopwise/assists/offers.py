"""Collects the edits that assists offer at a place."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from loopwise import assists
from loopwise.analysis.flow import other_framework
from loopwise.analysis.rule import Fix
from loopwise.assists.assist import Assist
from loopwise.diagnosis.run import FileContext
from loopwise.syntax import path_to
from loopwise.text import Span

_NOT_ASSISTS = frozenset({"assist", "offers"})


class Offered(NamedTuple):
    """An edit, and the assist that offers it."""

    assist: Assist
    fix: Fix


@cache
def all_assists() -> Mapping[str, Assist]:
    """Every assist by name: one for each module in this package that defines an ``ASSIST``."""
    found: list[Assist] = []
    for module in pkgutil.iter_modules(assists.__path__):
        if module.name not in _NOT_ASSISTS:
            made = getattr(importlib.import_module(f"{assists.__name__}.{module.name}"), "ASSIST", None)
            found += [made] if made is not None else []
    return MappingProxyType({assist.name: assist for assist in found})


def offered(around: FileContext, span: Span) -> Iterator[Offered]:
    """The edits that assists offer for a selection or at a cursor (an empty span), in bytes; the best first."""
    root = around.view.file.root
    path = path_to(root, span)
    if any(node.type == "ERROR" for node in path):
        return
    function = next((node for node in path if node.type == "function_definition"), root)
    decorated = function.parent is not None and function.parent.type == "decorated_definition"
    unit = around.unit(function.parent if decorated and function.parent is not None else function)
    if other_framework(unit):
        return  # what they write is asyncio's
    found = [Offered(assist, fix) for assist in all_assists().values() for fix in assist.offer(path, span, unit)]
    yield from sorted(found, key=lambda one: (bool(one.fix.refused), one.assist.general))
