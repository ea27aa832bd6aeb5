"""What a person can set, in ``[tool.loopwise]`` of pyproject.toml and in the editor.

The fields below are the one place where a setting is written down: SETTINGS.md is made from them.
A key is a field's path with hyphens: ``Settings.jedi.deadline`` is ``jedi.deadline``,
``target_version`` is ``target-version``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

TargetText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^\s*(3\.\d+(\s*-\s*3\.\d+)?|>=\s*3\.\d+)\s*$",
        description="a version such as `3.12`, a span such as `3.11-3.14`, or `>=3.11`",
    ),
]
Paths = Annotated[tuple[str, ...], msgspec.Meta(description="a list of paths")]
PathText = Annotated[str, msgspec.Meta(description="a path")]
Rules = Annotated[tuple[str, ...], msgspec.Meta(description="a list of rules: names, codes, starts of codes, `ALL`")]
RulesByGlob = Annotated[
    dict[str, tuple[str, ...]],
    msgspec.Meta(description='a table of patterns, each with a list of rules: `{"tests/**" = ["LW2"]}`'),
]
Levels = Annotated[
    dict[str, Literal["error", "warning", "information", "hint", "off"]],
    msgspec.Meta(
        description="a table of rules, each with `error`, `warning`, `information`, `hint` or `off`: "
        '`{"blocking-sleep" = "error"}`'
    ),
]
Globs = Annotated[tuple[str, ...], msgspec.Meta(description="a list of patterns, as `.gitignore` has them")]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60, description="a number of seconds above 0, at most 60")]


class Hover(msgspec.Struct, frozen=True):
    """What is shown when the pointer rests on something."""

    enable: bool = True
    """Show a card and the facts about what is under the pointer."""

    samples: Literal["first", "all", "none"] = "first"
    """How many of a card's code samples a hover shows."""


class Completion(msgspec.Struct, frozen=True):
    """What is offered while you type."""

    enable: bool = True
    """Offer completions."""

    mode: Literal["companion", "full"] = "companion"
    """`companion` leaves to your general Python server what it offers anyway; `full` offers plain members too."""

    through_await: Literal["off", "last", "on"] = "last"
    """Members of what a coroutine gives, inserted as `(await fetch()).json`: none, after all else, or among it."""


class SignatureHelp(msgspec.Struct, frozen=True):
    """What is shown inside the brackets of a call."""

    enable: bool = True
    """Show the parameters of asyncio's calls and of your coroutine functions."""


class Diagnostics(msgspec.Struct, frozen=True):
    """What is wrong in your code, shown in the editor."""

    enable: bool = True
    """Look at open files, underline what the rules find, and offer fixes."""

    scope: Literal["open", "workspace"] = "open"
    """`workspace` reports on files that are not open too, to editors that ask for that."""


class Jedi(msgspec.Struct, frozen=True):
    """The helper process that finds out types which the text alone does not tell."""

    enable: bool = True
    """Ask jedi about names that Loopwise cannot settle by itself, such as those of other libraries."""

    deadline: Seconds = 0.4
    """How long a request waits for jedi; a later answer is kept for the next request."""


class Settings(msgspec.Struct, frozen=True):
    """All settings; a fresh one holds the defaults."""

    target_version: TargetText | None = None
    """The Pythons that your code runs on.

    Where it is not set: `requires-python` of the nearest pyproject.toml, else `.python-version`,
    else the virtual environment in the folder, else the newest Python that Loopwise knows.
    Versions that Loopwise does not know count as the nearest it knows.
    """

    environment: PathText | None = None
    """The virtual environment whose libraries your code uses: its folder, or the path of its interpreter.

    Where it is not set: `VIRTUAL_ENV`, `CONDA_PREFIX`, else `.venv` or `venv` in the folder or above it.
    Its packages are read as text; nothing of it is run.
    """

    knowledge: Paths = ()
    """Files and folders with cards of your own; relative paths start at the file's folder, or at the workspace's."""

    select: Rules = ()
    """The rules that look at your code: names (`blocking-sleep`), codes (`LW201`), starts of codes (`LW2`) or `ALL`.

    Where it is empty: those that are on by default.
    """

    extend_select: Rules = ()
    """Rules that look at your code besides those of `select`."""

    ignore: Rules = ()
    """Rules that do not; where one is both selected and ignored, the more exact of the two words holds."""

    per_file_ignores: RulesByGlob = {}
    """Rules that do not look at some files: patterns as `.gitignore` has them, from the folder of the settings."""

    severity: Levels = {}
    """How a rule is shown; `off` is like `ignore`, and any other word switches on a rule that is named."""

    exclude: Globs = ()
    """Files and folders that are neither checked nor searched for code of yours, besides those of `.gitignore`."""

    companion: Literal["auto", "off"] = "auto"
    """`auto` leaves to ruff, flake8-async and the type checkers what they are set up to report in the project; its
    fixes stay on offer. `off` reports all."""

    blocking: dict[str, str] = {}
    """Calls of your own that block the event loop, by full name or pattern (`acme.db.*`), and what to await in their
    place; empty text where there is no such thing."""

    hover: Hover = Hover()

    completion: Completion = Completion()

    signature_help: SignatureHelp = SignatureHelp()

    diagnostics: Diagnostics = Diagnostics()

    jedi: Jedi = Jedi()

    @property
    def pages(self) -> tuple[Path, ...]:
        """``knowledge`` as paths."""
        return tuple(Path(path) for path in self.knowledge)
