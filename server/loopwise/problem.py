"""What a person should mend in a file of theirs: a card, a page, a setting."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One complaint, reported once; whatever else stands in the file is used all the same."""

    file: str
    """Path as the person knows it, or ``editor settings``."""
    section: str
    """Heading of the card or name of the setting; empty when it is about the whole file."""
    line: int
    """Counted from 1; 0 when it is about the whole file."""
    message: str
    """What is wrong and what to do about it."""
    fatal: bool = False
    """Does a command end with exit code 2 for it?"""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.section}: {self.message}" if self.section else f"{place}: {self.message}"
