"""The input of a feature: one file, and everything known around it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from loopwise.cards import Api, Catalogue
from loopwise.semantics.bindings import File
from loopwise.semantics.index import Index
from loopwise.semantics.infer import Evaluator
from loopwise.semantics.libraries import Libraries
from loopwise.settings import Settings
from loopwise.versions import Target


class View(msgspec.Struct, frozen=True):
    """A consistent view for one request; see :class:`~loopwise.semantics.infer.evaluator.Evaluator`."""

    file: File
    evaluator: Evaluator
    cards: Callable[[], Catalogue]
    api: Api
    target: Target
    settings: Settings = Settings()
    index: Index | None = None
    """The names in the project's other modules, if they are known."""
    libraries: Libraries | None = None
    """The libraries of its environment."""

    @property
    def catalogue(self) -> Catalogue:
        """The cards, read on first use: rules do not need them."""
        return self.cards()
