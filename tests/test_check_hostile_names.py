"""Names and links of a cloned repository: they control neither a terminal nor a CI, and lead no fix elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loopwise import disk
from loopwise.cli.check import formats
from loopwise.cli.printable import printable
from serving import PATIENCE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has neither these names nor, for all, links")
CODE = 'import asyncio\nimport time\n\nasync def main():\n    time.sleep(1)  # "\x1b[31m" ##[group]x \u202e\n'
NAMES = (
    "::stop-commands::x.py",
    "a\x1b[2J\x1b]0;owned\x07.py",
    "b\n::warning::x.py",
    "c\r.py",
    "d\x9b31m.py",
    "e\u202eyp.x.py",
    "##[add-mask]f.py",
    "##vso[task.setvariable]g.py",
    "h\x7f\x00.py".replace("\x00", "\x08"),
)
HARMFUL = [chr(one) for one in (*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x2028)]


def check(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loopwise", "check", "--no-cache", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "200", **(env or {})},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A folder with files of all these names: each has a finding, and one in three cannot be read."""
    for number, name in enumerate(NAMES):
        (tmp_path / name).write_text(CODE, encoding="utf-8")
        (tmp_path / f"broken {name}").write_bytes(b"# \xff\n" if number % 3 == 0 else b"def f(:\n")
    return tmp_path


@pytest.mark.parametrize("options", [*((f"--output-format={name}",) for name in formats.names()), ("--statistics",)])
def test_no_format_passes_on_control_sequences_in_names(named: Path, options: tuple[str, ...]) -> None:
    """No escape sequences and, at the start of a line, no workflow commands of GitHub."""
    done = check(named, *options)
    said = done.stdout + done.stderr
    assert done.returncode in {1, 2}, done
    assert [one for one in HARMFUL if one in said] == []
    lines = [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines), lines
    assert "##[" not in said or options == ("--output-format=json",) or "sarif" in options[0] or "junit" in options[0]


def test_the_colored_report_contains_no_control_sequence_from_a_name(named: Path) -> None:
    done = check(named, env={"FORCE_COLOR": "1"})
    assert "LW201" in done.stdout
    assert "\x1b[2J" not in done.stdout
    assert "\x1b]0;" not in done.stdout
    assert "\\x1b[2J" in done.stdout


def test_a_diff_quotes_names_as_git_does(named: Path) -> None:
    """git applies the diff."""
    subprocess.run(["git", "init", "-q"], cwd=named, check=True)
    done = check(named, "--diff", "--unsafe-fixes")
    heads = [line for line in done.stdout.splitlines() if line.startswith(("---", "+++", "diff"))]
    assert [line for line in heads if not line.isascii() or not line.isprintable()] == []
    taken = subprocess.run(["git", "apply", "--check"], cwd=named, input=done.stdout.encode(), check=False)
    assert taken.returncode == 0


@pytest.mark.parametrize("text", ["plain.py", "a::b", "é ü 日本.py", "C:\\x.py:3:4", "x  # comment"])
def test_harmless_text_is_printed_unchanged(text: str) -> None:
    assert printable(text) == text


def test_fixes_do_not_follow_links_out_of_the_checked_folder(tmp_path: Path) -> None:
    """Links inside the folder, and named links, are followed; the message says so."""
    inside, outside = tmp_path / "repository", tmp_path / "elsewhere"
    (inside / "pkg").mkdir(parents=True)
    outside.mkdir()
    for place in (outside / "victim.py", outside / "second.py", inside / "pkg" / "real.py"):
        place.write_text(CODE)
    (inside / "link.py").symlink_to(outside / "victim.py")
    (inside / "hop.py").symlink_to("link.py")
    (inside / "relative.py").symlink_to("../elsewhere/second.py")
    (inside / "inner.pyw").symlink_to("pkg/real.py")
    done = check(tmp_path, "--fix", "--unsafe-fixes", "repository")
    assert (outside / "victim.py").read_text() == (outside / "second.py").read_text() == CODE
    assert (inside / "pkg" / "real.py").read_text() != CODE
    assert done.stdout.count("it is a link to a file elsewhere, so it was left as it is") == 3
    named = check(tmp_path, "--fix", "--unsafe-fixes", "repository/link.py")
    assert (outside / "victim.py").read_text() != CODE, named
    assert (inside / "link.py").is_symlink()


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    """The next process that writes the file removes them, but not those of a process that is writing now."""
    file = tmp_path / "x.py"
    old, new, other = (tmp_path / f".loopwise-{name}.tmp" for name in ("x.py-1", "x.py-2", "y.py-3"))
    for place in (file, old, new, other):
        place.write_text("x")
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))
    disk.write(file, b"y")
    assert {path.name for path in tmp_path.iterdir()} == {"x.py", new.name, other.name}
