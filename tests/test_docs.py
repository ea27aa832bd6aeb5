"""Generated files are fresh, and every setting is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwise import docs
from loopwise.settings import Field, fields


@pytest.mark.parametrize("path", docs.generated(), ids=lambda path: path.name)
def test_generated_files_are_fresh(path: Path) -> None:
    fresh = path.exists() and path.read_text(encoding="utf-8") == docs.generated()[path]
    assert fresh, f"{path.name} is out of date: run `python -m loopwise.docs`"


@pytest.mark.parametrize("field", fields(), ids=lambda field: field.key)
def test_every_setting_is_described(field: Field) -> None:
    assert docs.describe(field).endswith(".")
    assert f"## {field.key}\n" in docs.settings_page()
