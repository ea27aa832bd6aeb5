"""``loopwise check --fix``: the files it writes, byte for byte, and those it leaves alone."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import loopwise.cli.check.checker
from checking import CLEAN, MENDED, SLEEPS, Output, found, places, put, said, settle, write
from loopwise.analysis.rule import Finding, Fix, Rule, Severity
from loopwise.cli.main import main
from loopwise.diagnosis.analyse import Analysis
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection
from loopwise.project.view import View
from loopwise.semantics.index import ProjectNames
from loopwise.text import Edit, Span


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty repository."""
    settle(tmp_path, monkeypatch)


COOKIE = "# coding: latin-1\nNAME = 'é'\n"
TEXTS = {
    "LF": (SLEEPS.encode(), MENDED.encode()),
    "CRLF": (SLEEPS.replace("\n", "\r\n").encode(), MENDED.replace("\n", "\r\n").encode()),
    "no line end": (SLEEPS.rstrip().encode(), MENDED.rstrip().encode()),
    "byte order mark": (b"\xef\xbb\xbf" + SLEEPS.encode(), b"\xef\xbb\xbf" + MENDED.encode()),
    "cookie": ((COOKIE + SLEEPS).encode("latin-1"), (COOKIE + MENDED).encode("latin-1")),
    "mixed": (
        b"import asyncio\r\nimport time\n\nasync def go():\r\n    time.sleep(1)\n    x = '''a\rb'''\r\n",
        b"import asyncio\r\n\nasync def go():\r\n    await asyncio.sleep(1)\n    x = '''a\rb'''\r\n",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_outside_the_fix_are_unchanged(name: str, capsys: Output) -> None:
    before, after = TEXTS[name]
    path = put("app.py", before)
    assert said(capsys, "--fix") == "Fixed 1 problem; all checks passed (1 file)\n"
    assert path.read_bytes() == after
    assert said(capsys, "--fix") == "All checks passed (1 file)\n"
    assert path.read_bytes() == after
    assert {path.name for path in Path().iterdir()} == {".git", ".python-version", "app.py"}


def test_file_modes_and_links_are_kept(capsys: Output) -> None:
    path = put("real/app.py", SLEEPS)
    path.chmod(0o751)
    Path("link.py").symlink_to(path)
    said(capsys, "--fix", "link.py")
    assert Path("link.py").is_symlink() and path.read_text() == MENDED
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


def test_fixes_of_one_file_share_an_import(capsys: Output) -> None:
    write(app=SLEEPS + "    time.sleep(2)\n\nasync def other():\n    time.sleep(3)\n    go()\n")
    assert said(capsys, "--fix").startswith("Fixed 4 problems")
    text = Path("app.py").read_text()
    assert text.count("import asyncio") == 1
    assert text.count("await asyncio.sleep(") == 3 and "    await go()\n" in text


def test_remaining_findings_are_reported(capsys: Output) -> None:
    write(app=SLEEPS, other="async def go(): ...\n\ndef main():\n    go()\n")
    assert places(capsys, "--fix") == ["other.py:4 missing-await"]
    assert Path("app.py").read_text() == MENDED


def test_a_diff_changes_nothing(capsys: Output) -> None:
    path = put("pack/app.py", SLEEPS.rstrip())
    text = said(capsys, "--diff", code=1)
    head = "diff --git a/pack/app.py b/pack/app.py\n--- a/pack/app.py\n+++ b/pack/app.py\n"
    assert text.startswith(f"{head}@@ -1,4 +1,4 @@\n-import time\n+import asyncio\n")
    assert text.endswith("+    await asyncio.sleep(1)\n\\ No newline at end of file\n")
    assert path.read_text() == SLEEPS.rstrip()
    write(pack__app="async def go(): ...\n\ndef main():\n    go()\n")
    assert said(capsys, "--diff") == ""


def test_a_fix_is_made_although_the_finding_was_known(capsys: Output) -> None:
    write(app=SLEEPS, other=CLEAN)
    assert len(found(capsys)) == 1
    assert said(capsys, "--fix").startswith("Fixed 1 problem")
    assert said(capsys) == "All checks passed (2 files)\n"


# Fixes that are not right


def faulty(
    monkeypatch: pytest.MonkeyPatch, *fixes: Callable[[bytes], Fix], while_: bytes = b"bad", alone: bool = True
) -> None:
    """Let each ``bad`` be found, by a rule with these fixes, as long as the word is in the text.

    ``alone``: in the place of all other rules.
    """

    def check(_node: object, _unit: object) -> Iterator[Finding]:
        return iter(())

    real = loopwise.cli.check.checker.analyse
    rule = Rule("LW999", "faulty", Severity.ERROR, (), check, frozenset(), "Bad.", "", ())

    def analyse(view: View, selection: Selection, names: ProjectNames | None) -> Analysis:
        data = view.file.source.data
        at = data.find(while_)
        others = Analysis() if alone else real(view, selection, names)
        if at < 0:
            return others
        made = tuple(fix(data) for fix in fixes)
        found = Found(rule, Finding(Span(at, at + len(while_)), "It is bad", lambda: made))
        return Analysis((found, *others.found))

    monkeypatch.setattr("loopwise.cli.check.checker.analyse", analyse)


def replaced(word: bytes, text: bytes, *, safe: bool = True) -> Callable[[bytes], Fix]:
    def fix(data: bytes) -> Fix:
        at = data.find(word)
        return Fix("Replace it", (Edit(Span(at, at + len(word)), text),), safe=safe)

    return fix


@pytest.mark.parametrize("text", [b"((", b"nonlocal x", b"return"])
def test_a_fix_that_would_not_compile_is_not_made(text: bytes, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="x = 1\nbad\n", other="y = 2\n")
    faulty(monkeypatch, replaced(b"bad", text))
    assert "= no fix: " in said(capsys, "--fix", code=1)
    assert Path("app.py").read_text() == "x = 1\nbad\n"


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("import trio", "trio"),
        ("from twisted.internet import defer", "Twisted"),
        ("from autobahn.twisted.wamp import ApplicationSession", "Twisted"),
    ],
)
def test_a_fix_for_asyncio_is_not_made_in_code_of_another_framework(header: str, shown: str, capsys: Output) -> None:
    before = f"{header}\nimport requests\n\n\nasync def main(url):\n    return requests.get(url)\n"
    write(app=before)
    assert f"the module is written for {shown}" in said(capsys, "--fix", "--unsafe-fixes", code=1)
    assert Path("app.py").read_text() == before


def test_a_fix_is_made_where_twisted_runs_on_asyncio(capsys: Output) -> None:
    header = "from twisted.internet import asyncioreactor\nimport requests\n"
    write(app=f"{header}\n\nasync def main(url):\n    return requests.get(url)\n")
    said(capsys, "--fix", "--unsafe-fixes", code=0)
    assert "asyncio.to_thread(requests.get, url)" in Path("app.py").read_text()


def test_a_fix_that_awaits_twice_is_not_made(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    before = "async def main(get):\n    return await bad(1).name\n"
    write(app=before)
    faulty(monkeypatch, replaced(b"bad(1)", b"(await get(1))"))
    assert "awaited twice" in said(capsys, "--fix", code=1)
    assert Path("app.py").read_text() == before


BLOCKED = """\
import time

async def main():
    time.sleep(1)
    bad
    time.sleep(2)
"""


def test_one_bad_fix_does_not_affect_the_others(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """The diff says which one, and why."""
    write(app=BLOCKED)
    faulty(monkeypatch, replaced(b"bad", b"nonlocal time"), alone=False)
    assert main(["check", "--diff", "app.py"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("+    await asyncio.sleep(") == 2 and "nonlocal" not in shown.out
    assert shown.err == 'app.py:5: the fix "Replace it" of faulty is not applied: Python could not compile the result\n'


def test_a_fix_that_causes_another_finding_is_not_made(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other rule need not be selected."""
    write(app="import time\n\nasync def main():\n    bad()\n")
    faulty(monkeypatch, replaced(b"bad()", b"time.sleep(1)"), alone=False)
    assert main(["check", "--fix", "--diff", "app.py"]) == 0
    said_ = capsys.readouterr()
    assert "blocking-sleep would be reported" in said_.err and said_.out == ""


def test_a_file_that_only_a_newer_python_can_parse_is_fixed(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="lazy import x\n\nbad = 1\n")
    faulty(monkeypatch, replaced(b"bad", b"good"))
    assert said(capsys, "--fix").startswith("Fixed 1 problem")
    assert Path("app.py").read_text() == "lazy import x\n\ngood = 1\n"


def test_a_fix_that_leaves_its_finding_is_not_made(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="bad = 1\n")
    faulty(monkeypatch, replaced(b"bad", b"bad_"))
    assert "= no fix: faulty would still be reported" in said(capsys, "--fix", code=1)


def test_unsafe_fixes_are_made_on_request(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="bad = 1\n")
    faulty(monkeypatch, replaced(b"bad", b"good", safe=False))
    text = said(capsys, "--fix", code=1)
    assert "= unsafe fix: Replace it" in text and "1 fixable with --fix --unsafe-fixes" in text
    assert said(capsys, "--diff", "--unsafe-fixes", code=1).endswith("-bad = 1\n+good = 1\n")
    assert said(capsys, "--fix", "--unsafe-fixes").startswith("Fixed 1 problem")
    assert Path("app.py").read_text() == "good = 1\n"


def test_a_refused_fix_says_why(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="bad = 1\n")
    faulty(monkeypatch, lambda _: Fix("Replace it", (), refused="it is used elsewhere"))
    assert "= no fix: it is used elsewhere" in said(capsys, "--fix", code=1)
    assert found(capsys)[0]["fix"] is None


def test_characters_that_the_encoding_lacks_are_not_written(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("app.py", "# coding: latin-1\nbad = 'é'\n".encode("latin-1"))
    faulty(monkeypatch, replaced(b"bad", "Ł".encode()))
    assert "cannot be encoded in iso-8859-1" in said(capsys, "--fix", code=2)
    assert path.read_bytes() == "# coding: latin-1\nbad = 'é'\n".encode("latin-1")


def test_a_file_that_changes_during_the_run_is_left_alone(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app="bad = 1\n")

    def fix(data: bytes) -> Fix:
        write(app="mine = 1\n")
        return replaced(b"bad", b"good")(data)

    faulty(monkeypatch, fix)
    assert "the file changed during the check" in said(capsys, "--fix", code=2)
    assert Path("app.py").read_text() == "mine = 1\n"


def test_a_file_that_may_not_be_written_is_left_alone(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app=SLEEPS)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "the file is not writable" in said(capsys, "--fix", code=2)
    assert Path("app.py").read_text() == SLEEPS
