"""Settings: their fields, the layers that they are read from, and the target Python."""

from __future__ import annotations

from loopwise.settings.fields import Completion, Settings, TargetText
from loopwise.settings.layers import EDITOR, Field, Layer, fields, from_editor, from_pyproject, merge, shown
from loopwise.settings.pyproject import LastGood, TomlReader, nearest, nearest_pyproject, read_toml
from loopwise.settings.target_version import target, too_old

__all__ = [
    "EDITOR",
    "Completion",
    "Field",
    "LastGood",
    "Layer",
    "Settings",
    "TargetText",
    "TomlReader",
    "fields",
    "from_editor",
    "from_pyproject",
    "merge",
    "nearest",
    "nearest_pyproject",
    "read_toml",
    "shown",
    "target",
    "too_old",
]
