"""The settings, in ``[tool.loopwise]`` of pyproject.toml and in the editor.

The fields below are the only definition of a setting; SETTINGS.md is generated from them.
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
        description="a version such as `3.12`, a range such as `3.11-3.14`, or a specifier such as `>=3.11,<3.14`",
    ),
]
Paths = Annotated[tuple[str, ...], msgspec.Meta(description="a list of paths")]
PathText = Annotated[str, msgspec.Meta(description="a path")]
Rules = Annotated[tuple[str, ...], msgspec.Meta(description="a list of rules: names, codes, code prefixes, `ALL`")]
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
Globs = Annotated[tuple[str, ...], msgspec.Meta(description="a list of `.gitignore` patterns")]
Companion = Annotated[
    Literal["auto", "off"] | tuple[Literal["ruff", "flake8-async", "pylint", "pyright", "mypy", "ty", "pyrefly"], ...],
    msgspec.Meta(description='`"auto"`, `"off"`, or a list of tools: `["ruff", "mypy"]`'),
]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60, description="a number of seconds, above 0 and at most 60")]


class Hover(msgspec.Struct, frozen=True):
    """Hovers."""

    enable: bool = True
    """Show the card and the facts about the name under the pointer."""

    samples: Literal["first", "all", "none"] = "first"
    """How many of a card's code samples a hover shows."""


class Completion(msgspec.Struct, frozen=True):
    """Completion."""

    enable: bool = True
    """Offer completions."""

    mode: Literal["auto", "companion", "full"] = "auto"
    """`companion` offers only the few best-fitting items and leaves the rest to your general Python language server.

    `full` offers everything in asyncio and the plain members of your own objects. `auto` behaves like `companion` in
    VS Code if a general server is installed; otherwise it offers everything in asyncio.
    """

    through_await: Literal["off", "last", "on"] = "last"
    """Offer members of a coroutine's result, inserted as `(await fetch()).json`: never, last, or among the others."""


class SignatureHelp(msgspec.Struct, frozen=True):
    """Signature help."""

    enable: bool = True
    """Show the parameters of asyncio functions and of your own coroutine functions."""


class Diagnostics(msgspec.Struct, frozen=True):
    """Diagnostics."""

    enable: bool = True
    """Check open files, underline findings, and offer fixes."""

    scope: Literal["open", "workspace"] = "open"
    """`workspace` also reports on files that are not open, in editors that request it."""


class CodeLens(msgspec.Struct, frozen=True):
    """Code lenses."""

    enable: bool = False
    """Show above each coroutine function how many places await or start it, and its blocking calls."""


class InlayHints(msgspec.Struct, frozen=True):
    """Inlay hints."""

    suspension: bool = False
    """Mark where a coroutine function can suspend: at `await`, and where `async with` and `async for` wait."""


class Jedi(msgspec.Struct, frozen=True):
    """The helper process that infers types of other libraries."""

    enable: bool = True
    """Ask jedi about names that Loopwise cannot resolve by itself, such as those of other libraries."""

    deadline: Seconds = 0.4
    """How long a request waits for jedi. A later answer is stored for the next request."""


class Settings(msgspec.Struct, frozen=True):
    """All settings; a new instance holds the defaults."""

    target_version: TargetText | None = None
    """The Python versions your code supports: `3.12`, `3.11-3.14`, `>=3.11,<3.14`, `==3.12.*`, `^3.11`, `py311`.

    If it is not set, the first of these decides: the project's requirement (`requires-python`, Poetry's `python`,
    `python_requires` in `setup.cfg` or as a literal in `setup.py`, a lock file); the development version
    (`.python-version`, `.python-versions`, `Pipfile`, `runtime.txt`, `.tool-versions`, mise, Hatch, pixi, conda, tox);
    the classifiers or another tool's target; the virtual environment in the folder; the newest Python that Loopwise
    knows.
    A version that Loopwise does not know counts as the nearest known one.
    """

    environment: PathText | None = None
    """The virtual environment whose libraries your code uses: its folder or the path of its interpreter.

    If it is not set: `VIRTUAL_ENV`, then `CONDA_PREFIX`, then `.venv` or `venv` in the folder or a parent folder.
    Its packages are read as text and never executed.
    """

    knowledge: Paths = ()
    """Files and folders with your own cards. Paths are relative to the configuration file or the workspace folder."""

    select: Rules = ()
    """Rules to enable: names (`blocking-sleep`), codes (`LW201`), code prefixes (`LW2`) or `ALL`.

    If it is empty, the rules that are on by default are enabled.
    """

    extend_select: Rules = ()
    """Rules to enable in addition to those of `select`."""

    ignore: Rules = ()
    """Rules to disable. If a rule is both selected and ignored, the more specific entry wins."""

    per_file_ignores: RulesByGlob = {}
    """Rules to disable in some files: `.gitignore` patterns, relative to the folder of the settings."""

    severity: Levels = {}
    """The severity of each rule. `off` disables the rule; any other value enables it."""

    exclude: Globs = ()
    """Files and folders to leave out of checks and of the search for your own code, as `.gitignore` patterns: the last
    pattern that matches a path decides, and `!` includes it again.

    Also left out are the paths in `.gitignore`, folders whose names start with a dot, `node_modules`, `__pycache__`,
    `site-packages`, virtual environments, and `build` and `dist` without `__init__.py`; `!build` includes a folder
    again.
    """

    check_excluded: bool = False
    """Also check excluded files while they are open in an editor."""

    companion: Companion = "auto"
    """`auto` hides a finding that ruff, flake8-async, pylint or a type checker, as configured for the file, reports
    itself; its fixes are still offered. A list restricts this to the tools it names: `["ruff", "mypy"]`. `off` reports
    everything. A rule named in `select`, `extend-select` or `severity` is always reported."""

    blocking: dict[str, str] = {}
    """Your own functions that block the event loop, by full name or pattern (`acme.db.*`), each with the function to
    await instead, or an empty string if there is none."""

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
