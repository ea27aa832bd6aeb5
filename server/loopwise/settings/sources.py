"""The files that say how a project is checked, by name: those of other tools too."""

from __future__ import annotations

from fnmatch import fnmatchcase

TARGET_FILES = (
    ".mise.toml", ".mypy.ini", ".python-version", ".ruff.toml", ".tool-versions", "Pipfile", "environment.yaml",
    "environment.yml", "mise.toml", "mypy.ini", "pdm.lock", "pixi.toml", "poetry.lock", "pylock.toml", "pyproject.toml",
    "pyrefly.toml", "pyrightconfig.json", "ruff.toml", "runtime.txt", "setup.cfg", "setup.py", "tox.ini", "ty.toml",
    "uv.lock",
)  # fmt: skip
"""They say for which Pythons it is written."""

TOOL_FILES = (
    ".flake8", ".mypy.ini", ".pre-commit-config.yaml", ".pylintrc", ".pylintrc.toml", ".ruff.toml", "mypy.ini",
    "pdm.lock", "poetry.lock", "pylintrc", "pylintrc.toml", "pylock.toml", "pyproject.toml", "pyrefly.toml",
    "pyrightconfig.json", "ruff.toml", "setup.cfg", "tox.ini", "ty.toml", "uv.lock", "*requirements*.txt",
)  # fmt: skip
"""They say what other tools report."""

SOURCES = tuple(sorted({*TARGET_FILES, *TOOL_FILES, ".gitignore"}))
"""All of them, and what is left out."""


def is_source(name: str, names: tuple[str, ...] = SOURCES) -> bool:
    """Is a file, by its name, one of those?"""
    return name in names or any("*" in each and fnmatchcase(name, each) for each in names)
