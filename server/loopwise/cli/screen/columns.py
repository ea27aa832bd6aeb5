"""Three columns fitted to a width."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, str, str]
GAP = 2  # spaces between columns


def fitted(rows: Sequence[Row], width: int) -> list[Row]:
    """The rows with each column as wide as its longest text; too long text is cut, in the middle column first."""
    first, middle, last = (max(map(len, column)) for column in zip(*rows, strict=True))
    first, last = min(first, width // 2), min(last, width // 4)
    widths = first, min(middle, width - first - last - 2 * GAP), last
    return [_row(row, widths) for row in rows]


def _row(row: Row, widths: tuple[int, int, int]) -> Row:
    first, middle, last = (_cell(text, width) for text, width in zip(row, widths, strict=True))
    return first, middle, last


def _cell(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
