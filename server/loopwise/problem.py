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
    kind: str = ""
    """What stays the same while the message changes, as that of a file that is half-typed; empty if nothing does."""
    fatal: bool = False
    """Does a command end with exit code 2 for it?"""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Equal for complaints of which a person needs to see one."""
        return self.file, self.section, self.kind or str(self)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.section}: {self.message}" if self.section else f"{place}: {self.message}"
