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
        # What `notations.meant` understands.
        pattern=r"^\s*(py3\d{1,2}|3\.\d+(\.\d+)*\+?|3\.\d+\s*-\s*3\.\d+"
        r"|(\^|~=?|===?|!=|>=?|<=?)?\s*3(\.\d+)*(\.\*)?(\s*,?\s*(<=?|>=?|!=|==)\s*\d+(\.\d+)*(\.\*)?)*)\s*$",
        description="a version such as `3.12`, a span such as `3.11-3.14`, or a specifier such as `>=3.11,<3.14`",
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
Companion = Annotated[
    Literal["auto", "off"] | tuple[Literal["ruff", "flake8-async", "pylint", "pyright", "mypy", "ty", "pyrefly"], ...],
    msgspec.Meta(description='`"auto"`, `"off"`, or a list of tools: `["ruff", "mypy"]`'),
]
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

    mode: Literal["auto", "companion", "full"] = "auto"
    """`companion` offers the few items that fit best and leaves the rest to your general Python server.

    `auto` does so in VS Code if such a server is installed, and else offers all that asyncio has; `full` offers plain
    members of your own objects too.
    """

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


class CodeLens(msgspec.Struct, frozen=True):
    """What is shown above your coroutine functions."""

    enable: bool = False
    """Show above each coroutine function how many places await it or start it as a task, and what it blocks on."""


class InlayHints(msgspec.Struct, frozen=True):
    """What is shown inside your code."""

    suspension: bool = False
    """Mark where a coroutine function can suspend: at `await`, and where `async with` and `async for` wait."""


class Jedi(msgspec.Struct, frozen=True):
    """The helper process that finds out types which the text alone does not tell."""

    enable: bool = True
    """Ask jedi about names that Loopwise cannot settle by itself, such as those of other libraries."""

    deadline: Seconds = 0.4
    """How long a request waits for jedi; a later answer is kept for the next request."""


class Settings(msgspec.Struct, frozen=True):
    """All settings; a fresh one holds the defaults."""

    target_version: TargetText | None = None
    """The Pythons that your code runs on: `3.12`, `3.11-3.14`, `>=3.11,<3.14`, `==3.12.*`, `^3.11`, `py311`.

    Where it is not set, the nearest of these says it: what the project requires (`requires-python`, Poetry's
    `python`, `python_requires` of `setup.cfg` or, written out, of `setup.py`, a lock file), else what it is developed
    with (`.python-version`, `Pipfile`, `runtime.txt`, `.tool-versions`, mise, Hatch), else the classifiers or another
    tool's target, else the virtual environment in the folder, else the newest Python that Loopwise knows.
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
    """Files and folders that are neither checked nor searched for code of yours, as `.gitignore` has them: the last
    pattern that means a path decides, and `!` takes it in again.

    Besides, `.gitignore` itself, folders that start with a dot, `node_modules`, `__pycache__`, `site-packages`,
    virtual environments, and `build` and `dist` without `__init__.py` are left out; `!build` brings a folder back.
    """

    check_excluded: bool = False
    """Check excluded files as well while they are open in an editor."""

    companion: Companion = "auto"
    """`auto` leaves to ruff, flake8-async, pylint and the type checkers each finding that they report themselves, as
    they are set up for the file; its fixes stay on offer. A list names the tools: `["ruff", "mypy"]`. `off` reports
    all. A rule that is named (in `select`, `extend-select` or `severity`) is always reported."""

    blocking: dict[str, str] = {}
    """Calls of your own that block the event loop, by full name or pattern (`acme.db.*`), and what to await in their
    place; empty text where there is no such thing."""

    hover: Hover = Hover()

    completion: Completion = Completion()

    signature_help: SignatureHelp = SignatureHelp()

    diagnostics: Diagnostics = Diagnostics()

    code_lens: CodeLens = CodeLens()

    inlay_hints: InlayHints = InlayHints()

    jedi: Jedi = Jedi()

    @property
    def pages(self) -> tuple[Path, ...]:
        """``knowledge`` as paths."""
        return tuple(Path(path) for path in self.knowledge)
