"""``loopwise check``: the files it checks, its formats, its exit codes and its error messages."""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from checking import CLEAN, MENDED, SLEEPS, Output, found, places, put, said, settle, write
from loopwise.cli.check import formats
from loopwise.cli.check.formats.json import Edit, Object, Repair
from loopwise.cli.main import main


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty repository."""
    settle(tmp_path, monkeypatch)


# Formats


def test_text_shows_place_code_and_fix(capsys: Output) -> None:
    write(app=SLEEPS, other=CLEAN)
    first, _, rest = said(capsys, code=1).partition("\n")
    assert first.startswith("app.py:4:5: warning LW201 blocking-sleep Call to time.sleep() blocks ")
    assert rest == (
        "    4 |     time.sleep(1)\n"
        "      |     ^^^^^^^^^^^^^\n"
        "      = fix: Await asyncio.sleep() instead\n"
        "\n"
        "Found 1 problem in 1 of 2 files; 1 fixable with --fix\n"
    )


def test_no_results_are_reported(capsys: Output) -> None:
    write(app=CLEAN)
    assert said(capsys) == "All checks passed (1 file)\n"
    assert said(capsys, "--output-format", "json") == "[]\n"
    Path("app.py").unlink()
    assert said(capsys) == "No Python files found\n"


def test_every_format_says_how_much_is_left_to_other_tools(capsys: Output) -> None:
    write(app=SLEEPS)
    put("ruff.toml", '[lint]\nselect = ["ASYNC"]\n')
    left = '1 more reported by other tools (shown with companion = "off")'

    def out(form: str, *options: str) -> tuple[str, str]:
        assert main(["check", "--output-format", form, *options]) == 0
        return capsys.readouterr()

    assert out("json") == ("[]\n", f"loopwise: {left}\n")
    assert out("json", "-q") == ("[]\n", "")
    assert out("github") == (f"{left}\n", "")
    for form in ("text", "concise"):
        assert left in out(form)[0]
        assert out(form, "-q") == ("", "")
    invocation = json.loads(out("sarif")[0])["runs"][0]["invocations"][0]
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == [left]
    suites = ET.fromstring(out("junit")[0].encode())  # noqa: S314
    assert [one.attrib for one in suites.iter("property")] == [{"name": "reported-by-other-tools", "value": "1"}]
    assert suites.attrib["tests"] == suites[0].attrib["tests"] == "1" == str(len(list(suites.iter("testcase"))))


def test_colors_are_used_on_request(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app=SLEEPS)
    put("broken.py", b"\xff")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = said(capsys, code=2)
    assert "\x1b[" in text
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert "app.py:4:5: warning LW201 blocking-sleep Call to time.sleep() blocks" in plain
    assert "= fix: Await asyncio.sleep() instead" in plain
    assert "broken.py:1: error: not utf-8" in plain


def test_json_counts_code_points(capsys: Output) -> None:
    write(app="import time\nasync def go():\n    '🦊é'; time.sleep(1)\n")
    (one,) = found(capsys)
    assert tuple(one) == Object.__struct_fields__
    assert tuple(one["fix"]) == Repair.__struct_fields__
    assert all(tuple(edit) == Edit.__struct_fields__ for edit in one["fix"]["edits"])
    assert (one["line"], one["column"], one["end_line"], one["end_column"]) == (3, 11, 3, 24)
    assert (one["path"], one["code"], one["name"], one["severity"]) == ("app.py", "LW201", "blocking-sleep", "warning")
    assert one["fix"]["safe"] is True
    assert one["related"] == []


def test_sarif_validates_against_the_schema(capsys: Output) -> None:
    write(**{"pack__äpp 1": "import time\nasync def go():\n    '🦊'; time.sleep(1)\n"})
    put("broken.py", b"\n\xff")
    answer = json.loads(said(capsys, "--output-format", "sarif", "pack", "broken.py", code=2))
    assert answer["version"] == "2.1.0" and "sarif-2.1.0" in answer["$schema"]
    (run,) = answer["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "LW201" and rule["name"] == "BlockingSleep"
    assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("LW201", 0, "warning")
    place = result["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "pack/äpp 1.py"
    assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    assert place["region"] == {"startLine": 3, "startColumn": 10, "endLine": 3, "endColumn": 23}
    (change,) = result["fixes"][0]["artifactChanges"]
    assert all(set(one) == {"deletedRegion", "insertedContent"} for one in change["replacements"])
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "not utf-8" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_github_lines_are_escaped(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(**{"a,b:c%d": SLEEPS})
    monkeypatch.setenv("GITHUB_WORKSPACE", str(Path.cwd().parent))
    (line,) = said(capsys, "--output-format", "github", code=1).splitlines()
    properties, _, message = line.removeprefix("::warning ").partition("::")
    assert "file=here/a%2Cb%3Ac%25d.py,line=4,col=5,endColumn=18,endLine=4" in properties
    assert message.startswith("a,b:c%25d.py:4:5: LW201 blocking-sleep")


def test_junit_can_be_read_back(capsys: Output) -> None:
    write(app="import time\nasync def go():\n    '<&\x01\">'; time.sleep(1)\n", fine=CLEAN)
    put("broken.py", b"\xff")
    root = ET.fromstring(said(capsys, "--output-format", "junit", code=2).encode())  # noqa: S314
    assert (root.get("failures"), root.get("errors")) == ("1", "1")
    failure, error = root.find(".//failure"), root.find(".//error")
    assert failure is not None and failure.text is not None and "'<&\ufffd\">'; time.sleep(1)" in failure.text
    assert error is not None and "not utf-8" in (error.get("message") or "")
    Path("app.py").unlink()
    Path("broken.py").unlink()
    passed = ET.fromstring(said(capsys, "--output-format", "junit").encode())  # noqa: S314
    assert passed.find(".//testcase") is not None and passed.find(".//failure") is None


def test_statistics_count_by_rule(capsys: Output) -> None:
    write(app=SLEEPS + "    time.sleep(2)\n    go()\n")
    text = said(capsys, "--statistics", code=1)
    assert re.search(
        r"^ +2  LW201  blocking-sleep  \(2 fixable with --fix\)\n +1  LW101  missing-await", text, re.MULTILINE
    )
    counts = json.loads(said(capsys, "--statistics", "--output-format", "json", code=1))
    assert counts[0] == {"code": "LW201", "name": "blocking-sleep", "count": 2, "fixable": 2}


# Which files


def test_files_ignored_by_git_are_left_out(capsys: Output) -> None:
    put(".gitignore", "/out\n*_gen.py\n")
    put("pack/.gitignore", "!kept_gen.py\nlocal.py\nnot a [pattern\n")
    put(".git/info/exclude", "mine.py\n")
    write(out__a=SLEEPS, x_gen=SLEEPS, mine=SLEEPS, local=SLEEPS)
    write(pack__kept_gen=SLEEPS, pack__x_gen=SLEEPS, pack__local=SLEEPS, pack__out__b=SLEEPS)
    seen = ["local.py", "pack/kept_gen.py", "pack/out/b.py"]
    assert places(capsys) == [f"{path}:4 blocking-sleep" for path in seen]
    assert places(capsys, "pack") == [f"{path}:4 blocking-sleep" for path in seen[1:]]


def test_named_files_are_checked(capsys: Output) -> None:
    put(".gitignore", "/out\n")
    write(out__a=SLEEPS)
    put("script", SLEEPS)
    assert places(capsys, "out/a.py", "script") == ["out/a.py:4 blocking-sleep", "script:4 blocking-sleep"]
    assert places(capsys, "out") == ["out/a.py:4 blocking-sleep"]
    assert places(capsys, "--force-exclude", "out/a.py", "script") == ["script:4 blocking-sleep"]


def test_excluded_files_and_files_outside_the_project_are_skipped(capsys: Output) -> None:
    put("pyproject.toml", '[tool.loopwise]\nexclude = ["gen", "*_pb2.py"]\n')
    put("env/pyvenv.cfg", "")
    write(gen__a=SLEEPS, x_pb2=SLEEPS, env__lib=SLEEPS, node_modules__a=SLEEPS, build__a=SLEEPS)
    put(".hidden/a.py", SLEEPS)
    put("notes.txt", SLEEPS)
    write(app=SLEEPS)
    assert places(capsys) == ["app.py:4 blocking-sleep"]


def test_each_file_has_the_settings_of_its_root(capsys: Output) -> None:
    put("pyproject.toml", "[tool.loopwise]\n")
    put("inner/pyproject.toml", '[tool.loopwise]\nignore = ["LW201"]\n')
    write(a=SLEEPS, inner__b=SLEEPS + "    go()\n")
    assert places(capsys) == ["a.py:4 blocking-sleep", "inner/b.py:5 missing-await"]


def test_each_link_is_followed_once(capsys: Output) -> None:
    write(app=SLEEPS)
    Path("again.py").symlink_to("app.py")
    Path("loop").symlink_to(".", target_is_directory=True)
    assert places(capsys) == ["app.py:4 blocking-sleep"]
    assert places(capsys, "again.py") == ["again.py:4 blocking-sleep"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(capsys: Output) -> None:
    put("a.py", b"x = 1\ny = '\xff'\n")
    put("b.py", b"# coding: no-such-thing\n")
    put("d.py", b"\0\0")
    write(c=SLEEPS)
    objects = found(capsys, code=2)
    assert [(one["path"], one["line"], one["code"], one["name"]) for one in objects] == [
        ("a.py", 2, None, "failed"),
        ("b.py", 1, None, "failed"),
        ("c.py", 4, "LW201", "blocking-sleep"),
        ("d.py", 1, None, "failed"),
    ]
    assert "3 files could not be checked" in said(capsys, code=2)
    assert said(capsys, "--exit-zero", code=2)


# Which rules


def test_rules_are_chosen_by_options(capsys: Output) -> None:
    put("pyproject.toml", '[tool.loopwise]\nignore = ["blocking-sleep"]\n')
    write(app=SLEEPS + "    go()\n")
    awaits, sleeps = "app.py:5 missing-await", "app.py:4 blocking-sleep"
    assert places(capsys) == [awaits]
    assert places(capsys, "--select", "LW2") == [sleeps]
    assert places(capsys, "--select", "LW201, missing-await") == [sleeps, awaits]
    assert places(capsys, "--select", "LW201", "--select", "LW1", "--ignore", "LW1") == [sleeps]
    assert places(capsys, "--ignore", "LW101") == []
    assert "--select: " in refused(capsys, "--select", "blocking-slep")


def refused(output: Output, *arguments: str) -> str:
    """Return the error message, which is one line."""
    assert main(["check", *arguments]) == 2
    captured = output.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    return captured.err


COMPLAINTS = {
    "no/such": "no/such: no such file or folder",
    "- a.ipynb": "remove other paths",
    "--stdin-filename x.py": "pass `-` as the path",
    "--diff --output-format json": "remove --output-format json",
    "--statistics --output-format sarif": "remove --output-format sarif",
    "--jobs 0": "'0' is not a number of processes",
    "--select LW999": "no rule `LW999`",
    "--select LW9": "the code prefixes are LW0, LW1, LW2, LW3, LW4, LW5",
    "--select lw": "the code prefixes are",
    "--select blocking-slep": "did you mean `blocking-sleep`?",
    "--sellect LW1": "did you mean `--select`?",
    "--ouput-format=json": "did you mean `--output-format`?",
}


@pytest.mark.parametrize("line", COMPLAINTS)
def test_error_messages_say_what_to_write(line: str, capsys: Output) -> None:
    put("a.ipynb", "{}")
    assert COMPLAINTS[line] in refused(capsys, *line.split())


def test_exit_zero_is_for_findings(capsys: Output) -> None:
    write(app=SLEEPS)
    assert "Found 1 problem" in said(capsys, "--exit-zero")


# Standard input


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_standard_input_is_checked(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLEEPS.encode())
    assert [one["path"] for one in found(capsys, "-")] == ["-"]
    write(pack__net="async def fetch(): ...\n")
    text = b"from net import fetch\nasync def go():\n    fetch()\n"
    given(monkeypatch, text)
    assert places(capsys, "-", "--stdin-filename", "pack/new.py") == ["pack/new.py:3 missing-await"]
    put("pyproject.toml", '[tool.loopwise]\nexclude = ["pack"]\n')
    given(monkeypatch, text)
    assert places(capsys, "-", "--stdin-filename", "pack/new.py", "--force-exclude") == []


def test_standard_input_is_fixed_to_standard_output(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLEEPS.replace("\n", "\r\n").encode())
    assert main(["check", "-", "--fix"]) == 0
    captured = capsysbinary.readouterr()
    assert captured.out == MENDED.replace("\n", "\r\n").encode()
    assert b"Fixed 1 problem" in captured.err


# Processes


def many(count: int) -> None:
    for number in range(count):
        write(**{f"p{number % 7}__m{number}": SLEEPS if number % 5 == 0 else CLEAN})


def test_several_processes_find_the_same(capsys: Output) -> None:
    many(60)
    put("p1/broken.py", b"\xff")
    command = [sys.executable, "-m", "loopwise", "check", "--no-cache", "--output-format", "json", "--jobs"]
    texts = [subprocess.run([*command, jobs], capture_output=True, check=False, timeout=120) for jobs in ("1", "3")]
    assert [done.returncode for done in texts] == [2, 2]
    assert texts[0].stdout == texts[1].stdout and texts[1].stderr == b""
    assert len(json.loads(texts[1].stdout)) == 13


_CRASH = """if True:
    import os, sys
    from loopwise.cli.check import checker as check_one
    from loopwise.cli.main import main
    analyse = check_one.analyse
    def crash(view, *rest):
        if b"crash" in view.file.source.data:
            os._exit(7)
        if b"raise" in view.file.source.data:
            raise KeyError("x")
        return analyse(view, *rest)
    check_one.analyse = crash
    sys.exit(main(["check", "--output-format", "json", "--no-cache", "--jobs", "2"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does not inherit what was patched")
def test_a_process_that_dies_loses_one_file() -> None:
    many(60)
    put("p3/m3.py", "crash = 1\n")
    put("p4/m4.py", "raise KeyError\n")
    done = subprocess.run([sys.executable, "-c", _CRASH], capture_output=True, check=False, timeout=120)
    objects = json.loads(done.stdout)
    assert done.returncode == 2
    failed = {one["path"]: one["message"] for one in objects if one["name"] == "failed"}
    assert set(failed) == {"p3/m3.py", "p4/m4.py"}
    assert "crashed (exit code 7)" in failed["p3/m3.py"] and "KeyError" in failed["p4/m4.py"]
    assert len(objects) == 12 + 2


def test_a_bar_is_shown_on_long_runs(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    many(20)
    monkeypatch.setattr("loopwise.cli.check.session._LONG", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert len(found(capsys)) == 4


@contextlib.contextmanager
def watching(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a process that receives Ctrl-C even if the suite runs in the background; killed afterwards."""
    heard = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, heard)
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal as Ctrl-C sends it")
def test_watching_checks_again_until_it_is_stopped() -> None:
    write(app=CLEAN, lib="def fetch(): ...\n")
    put("pyproject.toml", "")
    command = [sys.executable, "-u", "-m", "loopwise", "check", "--watch", "app.py"]
    with watching(command) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "All checks passed (1 file)\n"
        assert "press Ctrl-C to stop" in process.stderr.readline()
        write(app="from lib import fetch\nasync def go():\n    fetch()\n")
        assert process.stdout.readline() == "All checks passed (1 file)\n"
        assert "press Ctrl-C to stop" in process.stderr.readline()
        write(lib="async def fetch(): ...\n")
        assert process.stdout.readline().startswith("app.py:3:5: error LW101 missing-await")
        assert "press Ctrl-C to stop" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 1


@pytest.mark.parametrize("name", formats.names())
def test_each_output_format_says_what_it_is_for(name: str, capsys: Output) -> None:
    """The text is the first line of the module's docstring, which ``loopwise check --help`` shows."""
    said = formats.descriptions()[name]
    assert re.fullmatch(r"For [^.]+: .+\.", said), (
        f"formats/{name}.py: begin its docstring with one line such as 'For CI servers: JUnit's XML.'"
    )
    assert main(["check", "--help"]) == 0
    assert said in capsys.readouterr().out
    assert callable(formats.writer(name)), f"formats/{name}.py needs a function write(result)"
