"""Pages that users add: folders and files from the settings, and packages through an entry point.

No package is imported or run: its folder is located from its metadata and ``sys.path``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from loopwise import disk
from loopwise.cards.card import Card
from loopwise.cards.page import parse_page
from loopwise.problem import Problem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "loopwise.knowledge"
# A folder's README is for people; its headings are not cards.
_NO_CARDS = "README.md"


def read_pages(paths: Iterable[Path], root: Path | None = None) -> tuple[list[Card], list[Problem]]:
    """Read cards from files and from the ``*.md`` of folders (except README.md), with the problems in them.

    A card's page is its path, relative to ``root`` if that is given.
    """
    cards: list[Card] = []
    problems: list[Problem] = []
    for path in paths:
        for page in _pages(path):
            read = _read(page, page.relative_to(root).as_posix() if root else str(page))
            cards += read[0]
            problems += read[1]
        if not any(_pages(path)):
            problems.append(Problem(str(path), "", 0, "no pages here: name a Markdown file or a folder with *.md"))
    return cards, problems


def pack_folders() -> tuple[list[Path], list[Problem]]:
    """The folders of all installed packages with an entry point in the group ``loopwise.knowledge``, with problems."""
    from importlib.metadata import entry_points  # Costs 30 ms, and most people have no packs.

    folders: dict[Path, None] = {}
    problems: list[Problem] = []
    for point in entry_points(group=GROUP):
        folder = next((base for base in _bases(point) if any(_pages(base))), None)
        if folder:
            folders[folder] = None
        else:
            message = f"no pages beside {point.value}: name a module with *.md in its folder"
            problems.append(Problem(f"entry point {point.name} in {GROUP}", "", 0, message))
    return list(folders), problems


def _pages(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(page for page in path.glob("*.md") if page.name != _NO_CARDS)
    elif path.is_file():
        yield path


def _read(path: Path, name: str) -> tuple[list[Card], list[Problem]]:
    try:
        return parse_page(disk.read(path, disk.SETTINGS).decode("utf-8"), name)
    except UnicodeDecodeError as error:
        return [], [Problem(name, "", 0, f"not UTF-8 text ({error.reason}): save it as UTF-8")]
    except OSError as error:
        return [], [disk.trouble(name, error)]


def _bases(point: EntryPoint) -> Iterator[Path]:
    """Folders that may hold the module: the package itself, or the folder of a single-file module."""
    parts = point.value.partition(":")[0].strip().split(".")
    for place in _places(point, parts):
        if place.is_dir():
            yield place
        elif place.with_name(f"{place.name}.py").is_file():
            yield place.parent


def _places(point: EntryPoint, parts: list[str]) -> Iterator[Path]:
    if point.dist:
        yield Path(str(point.dist.locate_file("/".join(parts))))
    # An editable install lies elsewhere. Finding the top-level package, and only that, imports nothing.
    from importlib.util import find_spec

    try:
        top = find_spec(parts[0])
    except (ImportError, ValueError):
        return
    for folder in (top.submodule_search_locations or ()) if top else ():
        yield Path(folder, *parts[1:])
