"""All rules: those of each module in the folders beside this one that defines a ``RULE``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from loopwise import rules
from loopwise.analysis.rule import Rule

FOLDERS = ("lost", "blocking", "cancellation", "loop", "newer")


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by its name, in the order of codes."""
    found: list[Rule] = []
    for folder in FOLDERS:
        package = importlib.import_module(f"{rules.__name__}.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            found.append(importlib.import_module(f"{package.__name__}.{module.name}").RULE)
    return MappingProxyType({rule.name: rule for rule in sorted(found, key=lambda rule: rule.code)})
