"""The table of other tools' reports matches the tools, which run over the programs it was measured on."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwise.cards import load_api
from loopwise.diagnosis.companions.agreements import read_agreements, reports_on, rules_of
from loopwise.versions import parse_version, version_text

TOOLS = Path(__file__).parents[1] / "server" / "tools" / "companions"
ENVIRONMENT = os.environ.get("LOOPWISE_PEERS", "")
RUFFS = os.environ.get("LOOPWISE_RUFFS", "")
SHARE = 5  # of the generated programs one in so many is looked at; of the examples each one
SPAN = load_api().span

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not ENVIRONMENT or shutil.which(Path(ENVIRONMENT, "bin", "pyrefly")) is None,
        reason="LOOPWISE_PEERS names no virtual environment with the tools: pip install '.[peers]' in one",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def importable() -> Iterator[None]:
    """Lets the modules of the tool that measures be imported."""
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def folder(importable: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with programs."""
    from programs import generated, single_file_examples

    top = tmp_path_factory.mktemp("programs")
    for name, text in (*single_file_examples(), *list(generated())[::SHARE]):
        (top / f"{name}.py").write_text(text, "utf-8")
    return top


def test_the_tools_are_those_that_were_measured() -> None:
    from measure import versions

    assert versions(Path(ENVIRONMENT)) == {tool: measured.version for tool, measured in read_agreements().items()}


@pytest.mark.parametrize("tool", sorted(read_agreements()))
def test_each_finding_left_to_a_tool_is_reported_by_it(tool: str, folder: Path) -> None:
    """For type checkers, by the oldest Python and by the newest."""
    import peers
    from ours import ours

    found = list(ours(folder))
    left, lost = 0, []
    ends = [version_text(SPAN.floor), version_text(SPAN.ceiling)]
    for python, said in peers.all_said(tool, Path(ENVIRONMENT, "bin"), folder, ends).items():
        for one in found:
            for report in reports_on(one.rule.name, one.shape):
                version, code = parse_version(python), report.peer.code
                if report.peer.tool != tool or (tool in peers.CHECKERS and not one.checked):
                    continue
                if version is not None and report.pythons is not None and version not in report.pythons:
                    continue
                left += 1
                same = (each for each in said if each.file == one.file and each.code == code)
                if not any(each.first <= one.last and one.first <= each.last for each in same):
                    lost.append(f"{one.file}:{one.first}: {code} for {python}, {one.shape}")
    assert lost == []
    assert left > 0


@pytest.mark.skipif(not RUFFS, reason="LOOPWISE_RUFFS names no folder that tools/companions/ruffs.py has filled")
def test_ruff_reports_the_same_since_the_versions_in_the_table(folder: Path) -> None:
    from ruffs import default_since, numbers, since

    table = read_agreements()["ruff"]
    codes = sorted(rules_of("ruff").codes)
    assert list(table.since) == codes
    first = dict(since(Path(RUFFS), folder, codes, table.preview))
    assert [code for code in codes if numbers(first[code]) > numbers(table.since[code])] == []
    assert default_since(Path(RUFFS), folder, table.default) == table.default_since
