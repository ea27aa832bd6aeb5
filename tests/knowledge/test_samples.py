"""Every sample of the knowledge base runs, on every Python found here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import interpreters
import pages
import pytest
import stand_ins

HERE = Path(__file__).parent
KNOWLEDGE = HERE.parents[1] / "knowledge"
ENDLESS_THREAD = """\
import threading

lock = threading.Lock()
lock.acquire()
threading.Thread(target=lock.acquire, name="T").start()
"""
PAGES = sorted(map(str, KNOWLEDGE.glob("*.md")))


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_all_samples_run(version: str) -> None:
    """Samples run unchanged on each installed Python."""
    python = interpreters.find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    assert failures([python, str(HERE / "run_samples.py")], PAGES) == ""


@pytest.mark.slow
@pytest.mark.parametrize("version", stand_ins.RELEASES)
def test_all_samples_run_where_no_interpreter_is_installed(version: str) -> None:
    """Samples run on newer Pythons: as WebAssembly, and with their sources on 3.13."""
    if missing := stand_ins.lacking():
        pytest.skip(missing)
    for command in stand_ins.commands(version, PAGES):
        assert failures(command, []) == ""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("```python\nprint(1)\n#> 2\n```", "expected '2\\n', got '1\\n'"),
        ("```python\nprint(1)\n```", "expected '', got '1\\n'"),
        ("```python\n1 / 0\n```", "raised ZeroDivisionError: division by zero (line 1 of the sample)"),
        ("```python\nfetch('x')\n```", "could not raise RuntimeWarning: coroutine 'fetch' was never awaited"),
        (
            "```python\nasync def f(): 1 / 0\ntask = asyncio.create_task(f())\nawait asyncio.sleep(0)\n```",
            "logged: Task exception was never retrieved",
        ),
        (
            "```python\nimport warnings\nwarnings.warn('old', DeprecationWarning)\n```",
            "raised DeprecationWarning: old (line 2 of the sample)",
        ),
        ("```python\nopen('x', 'w')\n```", "could not raise ResourceWarning: unclosed file"),
        ("```python shows\nawait fetch('x')\n```", "does not show its message; it left: ''"),
        (f"```python threads\n{ENDLESS_THREAD}\n```", "leaves a thread running: T"),
        ("```python\nif\n```", "does not compile: invalid syntax"),
        ("```python 3.10-\n```", "not a range of versions: '3.10-'"),
    ],
)
def test_a_bad_sample_is_found(body: str, problem: str, tmp_path: Path) -> None:
    """A sample fails because of anything it leaves behind, not only because of an exception."""
    page = tmp_path / "messages.md"
    page.write_text(f"# Page\n\n## some message\n\n{body}\n", encoding="utf-8")
    assert problem in failures([current(), str(HERE / "run_samples.py")], [str(page)])


@pytest.mark.parametrize(
    "body",
    [
        "```python\nprint(await fetch('x'))\n#> <x>\n```",
        "```python\nasync def main():\n    print(urls)\n    #> ['a', 'b', 'c']\n\nasyncio.run(main())\n```",
        "```python shows\nfetch('x')\n```",
        "```python -3.9\n1 / 0\n```",
        "```text\nnot Python\n```",
    ],
)
def test_a_good_sample_passes(body: str, tmp_path: Path) -> None:
    """Nothing else is required of a sample; one for other Pythons is not run."""
    page = tmp_path / "messages.md"
    page.write_text(f"# Page\n\n## coroutine '…' was never awaited\n\n{body}\n", encoding="utf-8")
    assert failures([current(), str(HERE / "run_samples.py")], [str(page)]) == ""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("3.11+", (3, 11), pages.NEWEST),
        ("-3.10", pages.OLDEST, (3, 10)),
        ("3.11-3.13", (3, 11), (3, 13)),
        ("3.12", (3, 12), (3, 12)),
    ],
)
def test_ranges_are_read_as_the_readme_says(text: str, first: pages.Version, last: pages.Version) -> None:
    """The four forms of a range."""
    assert pages.parse_range(text) == (first, last)


def current() -> str:
    """Return the interpreter for tests of the runner itself."""
    return (
        interpreters.find("3.12")
        or interpreters.find("3.13")
        or interpreters.find("3.11")
        or interpreters.find("3.10")
        or "python3"
    )


def failures(command: list[str], arguments: list[str]) -> str:
    """Run samples and return a line for each failure."""
    run = subprocess.run([*command, "--json", *arguments], capture_output=True, text=True, check=False, timeout=600)
    if not run.stdout.startswith("{"):
        return run.stdout + run.stderr
    found = json.loads(run.stdout)["failures"]
    return "\n".join(f"{item['page']}:{item['line']}: {item['card']}: {item['problem']}" for item in found)
