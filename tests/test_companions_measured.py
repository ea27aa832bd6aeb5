"""The table of other tools' reports matches the tools, which run over the programs it was measured on."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from loopwise.diagnosis.companions.agreements import peers_of, read_agreements, rules_of

TOOLS = Path(__file__).parents[1] / "server" / "tools" / "companions"
ENVIRONMENT = os.environ.get("LOOPWISE_PEERS", "")
SHARE = 5  # of the generated programs one in so many is looked at; of the examples each one

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not ENVIRONMENT or shutil.which(Path(ENVIRONMENT, "bin", "pyrefly")) is None,
        reason="LOOPWISE_PEERS names no virtual environment with the tools: pip install '.[peers]' in one",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with programs."""
    sys.path.insert(0, str(TOOLS))
    from programs import generated, single_file_examples

    top = tmp_path_factory.mktemp("programs")
    for name, text in (*single_file_examples(), *list(generated())[::SHARE]):
        (top / f"{name}.py").write_text(text, "utf-8")
    return top


def test_the_tools_are_those_that_were_measured() -> None:
    sys.path.insert(0, str(TOOLS))
    from measure import versions

    assert versions(Path(ENVIRONMENT)) == {tool: measured.version for tool, measured in read_agreements().items()}


@pytest.mark.parametrize("tool", sorted(read_agreements()))
def test_each_finding_left_to_a_tool_is_reported_by_it(tool: str, folder: Path) -> None:
    sys.path.insert(0, str(TOOLS))
    import peers
    from measure import CHECKERS, ours

    command, run = peers.TOOLS[tool]
    said = list(run(Path(ENVIRONMENT, "bin", command), folder))
    left, lost = 0, []
    for one in ours(folder):
        for peer in peers_of(one.rule.name, one.shape):
            if peer.tool != tool or peer.code not in rules_of(tool).codes or (tool in CHECKERS and not one.checked):
                continue
            left += 1
            same = (each for each in said if each.file == one.file and each.code == peer.code)
            if not any(each.first <= one.last and one.first <= each.last for each in same):
                lost.append(f"{one.file}:{one.first}: {peer.code}, {one.shape}")
    assert lost == []
    assert left > 0
