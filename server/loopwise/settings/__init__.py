"""Settings: their fields, the layers they are read from, and the target Python."""

from __future__ import annotations

from loopwise.settings.fields import Completion, Settings, TargetText
from loopwise.settings.layers import (
    EDITOR,
    Field,
    Layer,
    fatal,
    fields,
    from_editor,
    from_pyproject,
    merge,
    rooted,
    shown,
)
from loopwise.settings.pyproject import is_project, nearest, nearest_pyproject, nearest_settings, read_toml
from loopwise.settings.sources import SOURCES, TOOL_FILES, is_source
from loopwise.settings.target_version import target

__all__ = [
    "EDITOR",
    "SOURCES",
    "TOOL_FILES",
    "Completion",
    "Field",
    "Layer",
    "Settings",
    "TargetText",
    "fatal",
    "fields",
    "from_editor",
    "from_pyproject",
    "is_project",
    "is_source",
    "merge",
    "nearest",
    "nearest_pyproject",
    "nearest_settings",
    "read_toml",
    "rooted",
    "shown",
    "target",
]
