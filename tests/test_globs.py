"""Patterns for paths: their meaning, and that matching is fast for any pattern."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from loopwise.globs import compiled, spec_of
from serving import PATIENCE

PART = st.text("ab*?.", min_size=1, max_size=5).filter(lambda part: "**" not in part) | st.just("**") | st.just("[ab]")
PATTERN = (
    st.tuples(st.sampled_from(["", "!"]), st.sampled_from(["", "/"]), st.lists(PART, min_size=1, max_size=4))
    .map(lambda found: found[0] + found[1] + "/".join(found[2]))
    # Of a folder, pathspec lets `**/**` win over a negation after it; git does not, see the test below.
    .filter(lambda text: re.fullmatch(r"!?/?(?:\*\*/)+\*\*", text) is None)
)
PATH = st.lists(st.text("ab.", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)
# Each takes an expression that is made of it piece by piece longer than anybody waits.
SLOW = (
    "*a*a*a*a*a*a*a*a*a*a*a*ab",
    "**/" * 14 + "b",
    "**/*a*/" * 12 + "b",
    "[ab]*" * 30 + "c",
    "?*" * 40 + "!",
    "*" * 300 + "b",
    "a*/" * 3 + "**/" + "**/a*a*/" * 10 + "b",
)
LONG = ("a" * 250 + ".py", "/".join(["a"] * 600) + "/c.py", "/".join(["a" * 50] * 60) + "/c.py")


@given(st.lists(PATTERN | PATTERN.map(lambda text: f"{text}/"), min_size=1, max_size=3), PATH, st.booleans())
def test_patterns_match_as_in_pathspec(lines: list[str], path: str, folder: bool) -> None:
    """pathspec is right, except for `a/**` and `a/**/`, which do not match `a` itself."""
    path = f"{path}/" if folder else path
    plain = [re.sub(r"/\*\*(/?)$", r"/**/*\1", line) for line in lines]
    assert spec_of(tuple(lines)).check_file(path).include == GitIgnoreSpec.from_lines(plain).check_file(path).include


def test_a_negation_after_double_asterisks_applies_to_folders() -> None:
    """As in ``git check-ignore -v a``."""
    assert spec_of(("?", "**/**", "![ab]")).check_file("a/").include is False


@pytest.mark.parametrize("path", LONG, ids=["long name", "deep", "both"])
@pytest.mark.parametrize("pattern", SLOW)
def test_every_pattern_is_fast(pattern: str, path: str) -> None:
    assert spec_of((pattern, f"{pattern}/", f"!/{pattern}")).check_file(path).include is None
    assert compiled(pattern).match(path) is None


@pytest.mark.parametrize(
    "line", ["[", "a[b", "\\", "[z-a]", "a\\", "!", "/", "//", "", " ", "[[:nothing:]", "[]", "[!]"]
)
def test_a_line_that_is_not_a_pattern_is_left_out(line: str) -> None:
    assert spec_of((line, "b")).check_file("b").include is True


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        ("[+--]", "+,-", "*.a"),
        ("[a-]", "a-", "b."),
        ("[-a]", "-a", "b."),
        ("[]-]", "]-", "a["),
        ("[a-c--]", "abc-", "d,"),
        ("[!a-c&&||~~]", "d-", "abc&|~"),
        ("[[a]", "[a", "b]"),
        ("[^^]", "a", "^"),
    ],
)
def test_a_set_is_what_it_is_to_git(pattern: str, fits: str, others: str) -> None:
    """Python's expressions have a meaning of their own for two minus signs, and may get one for other pairs."""
    found = {name: spec_of((pattern,)).check_file(name).include is True for name in fits + others}
    assert found == dict.fromkeys(fits, True) | dict.fromkeys(others, False)


@pytest.mark.parametrize("where", ["exclude", "per-file-ignores", ".gitignore", "members"])
def test_patterns_of_a_cloned_repository_terminate(tmp_path: Path, where: str) -> None:
    """In each place where a repository has patterns, with the real command."""
    patterns = [*SLOW[:3], "**/**/**/**/**/**/**/**/x"]
    settings = {
        "exclude": f"[tool.loopwise]\nexclude = {patterns}\n",
        "per-file-ignores": "[tool.loopwise.per-file-ignores]\n"
        + "".join(f'"{each}" = ["LW1"]\n' for each in patterns),
        "members": f"[tool.uv.workspace]\nmembers = {patterns}\n",
    }
    (tmp_path / "pyproject.toml").write_text(settings.get(where, ""))
    (tmp_path / ".gitignore").write_text("\n".join(patterns) if where == ".gitignore" else "")
    (tmp_path / ".git").mkdir()
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    for folder in (tmp_path, deep):
        (folder / f"{'a' * 120}.py").write_text("import asyncio, time\nasync def f():\n    time.sleep(1)\n")
    command = [sys.executable, "-m", "loopwise", "check", "--no-cache", os.fspath(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.count("LW201") == 2, done
