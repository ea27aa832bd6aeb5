"""ARCHITECTURE.md and CONTRIBUTING.md describe existing code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "server" / "loopwise"
ARCHITECTURE = (ROOT / "server" / "ARCHITECTURE.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "server" / "CONTRIBUTING.md").read_text("utf-8")
STEP = re.compile(r"^\d+\. `(?P<file>[\w/]+\.py)` `(?P<name>\w+)` \S", re.MULTILINE)
# How many files a reader opens who follows one request: what the best of the field need, and a little more.
MOST = {"A hover": 8, "A completion": 11, "A finding and its fix": 12, "One file in the shell": 10, "A library": 7}
WALKS = {part.partition("\n")[0]: part for part in ARCHITECTURE.split("\n### ")[1:]}


@pytest.mark.parametrize("title", MOST)
def test_a_walkthrough_names_existing_code(title: str) -> None:
    """Each line names a file and something defined in it, and the number of lines is limited."""
    walk = WALKS[title].partition("\n## ")[0]
    steps = list(STEP.finditer(walk))
    assert len(steps) == len(re.findall(r"^\d+\. ", walk, re.MULTILINE)), "a line has another form"
    assert 3 < len(steps) <= MOST[title]
    for step in steps:
        tree = ast.parse((PACKAGE / step["file"]).read_text("utf-8"))
        defined = {
            n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        }
        defined |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
        assert step["name"] in defined, f"{step['file']} has no {step['name']}: correct the walk {title!r}"


def test_the_map_names_every_package() -> None:
    """The map also names nothing that does not exist."""
    table = ARCHITECTURE.partition("## The map")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+)\|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    packages = {f"{path.name}/" for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    modules = {path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("__")}
    assert named == packages | modules


def test_every_test_that_is_named_exists() -> None:
    for name in re.findall(r"`((?:[\w/]+/)?test_\w+\.py)`", ARCHITECTURE + CONTRIBUTING):
        assert (ROOT / "tests" / name).is_file(), name


def test_contributing_fits_a_screen() -> None:
    """Each path in it exists."""
    assert len(CONTRIBUTING.splitlines()) <= 80
    for path in re.findall(r"`((?:server|tests|knowledge|vscode-client)/[^`\s<>]+)`", CONTRIBUTING):
        assert (ROOT / path).exists(), f"CONTRIBUTING.md names {path}, which is not there"


SECURITY = (ROOT / "server" / "SECURITY.md").read_text("utf-8")


def test_each_line_of_the_threat_model_names_a_test() -> None:
    """Each test that it names exists."""
    model = SECURITY.partition("## A workspace runs nothing")[2].partition("## What is left")[0]
    lines = [line for line in model.splitlines() if line.startswith("- ")]
    assert len(lines) > 15
    for line in lines:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", line)
        assert named, f"no test holds: {line}"
        for file, name in named:
            text = (ROOT / "tests" / file).read_text("utf-8")
            assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), f"{file} has no {name}"
