"""Generated files are fresh, and every setting is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwise import docs
from loopwise.analysis.rule import Rule
from loopwise.diagnosis.selection import known_rules
from loopwise.settings.layers import Field, fields


@pytest.mark.parametrize("path", docs.generated(), ids=lambda path: path.name)
def test_generated_files_are_fresh(path: Path) -> None:
    fresh = path.exists() and path.read_text(encoding="utf-8") == docs.generated()[path]
    assert fresh, f"{path.name} is out of date: run `python -m loopwise.docs`"


@pytest.mark.parametrize("field", fields(), ids=lambda field: field.key)
def test_every_setting_is_described(field: Field) -> None:
    assert docs.describe(field).endswith(".")
    assert f"## {field.key}\n" in docs.settings_page()


@pytest.mark.parametrize("rule", known_rules(), ids=lambda rule: rule.name)
def test_every_rule_has_a_row_and_a_section_under_its_name(rule: Rule) -> None:
    page = docs.rules_page()
    assert f"\n| {rule.code} | [{rule.name}](#{rule.name}) | " in page
    assert page.count(f"\n## {rule.name}\n") == 1
