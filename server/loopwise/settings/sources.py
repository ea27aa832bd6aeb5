"""Names of the files that determine how a project is checked, including those of other tools."""

from __future__ import annotations

from fnmatch import fnmatchcase

TARGET_FILES = (
    ".mise.toml", ".mypy.ini", ".pylintrc", ".python-version", ".python-versions", ".ruff.toml", ".tool-versions",
    "Pipfile", "environment.yaml", "environment.yml", "mise.toml", "mypy.ini", "pdm.lock", "pixi.toml", "poetry.lock",
    "pylintrc", "pylock.toml", "pyproject.toml", "pyrefly.toml", "pyrightconfig.json", "ruff.toml", "runtime.txt",
    "setup.cfg", "setup.py", "tox.ini", "ty.toml", "uv.lock",
)  # fmt: skip
"""Files that declare the project's Python versions."""

TOOL_FILES = (
    ".flake8", ".mypy.ini", ".pre-commit-config.yaml", ".pylintrc", ".pylintrc.toml", ".ruff.toml", "mypy.ini",
    "pdm.lock", "poetry.lock", "pylintrc", "pylintrc.toml", "pylock.toml", "pyproject.toml", "pyrefly.toml",
    "pyrightconfig.json", "ruff.toml", "setup.cfg", "tox.ini", "ty.toml", "uv.lock", "*requirements*.txt",
)  # fmt: skip
"""Files that determine what other tools report."""

SOURCES = tuple(sorted({*TARGET_FILES, *TOOL_FILES, ".gitignore"}))
"""All of the above, and the file that excludes paths."""


def is_source(name: str, names: tuple[str, ...] = SOURCES) -> bool:
    """Is a file, by its name, one of those?"""
    return name in names or any("*" in each and fnmatchcase(name, each) for each in names)
