"""``loopwise graph``: each format of one small project, as a user sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from loopwise.cli.graph.formats import names
from loopwise.cli.main import main

FILES = {
    "app/__init__.py": "",
    "app/run.py": """\
import asyncio
from app.net import fetch, prepare

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(fetch())
    asyncio.create_task(fetch())
    await asyncio.to_thread(prepare)

if __name__ == "__main__":
    asyncio.run(main())
""",
    "app/net.py": """\
import time

async def fetch():
    prepare()

def prepare():
    time.sleep(1)

async def unused():
    pass
""",
    "tests/test_net.py": "async def test_fetch():\n    pass\n",
    "pyproject.toml": "[project]\nname = 'app'\n",
}
TEXT = """\
app
3 modules · 3 async functions · 2 places that start tasks · 1 call in a thread or process · \
1 blocking call on the event loop · 1 task not stored

run.main() · run by app.run                                   run.py:4
├─ starts in task group net.fetch · task group tg         run.py:6
│  └─ calls prepare                                       net.py:4
│     └─ ⚠ blocks on time.sleep                           net.py:7
├─ ⚠ starts task net.fetch · not stored · see above       run.py:7
└─ runs in thread net.prepare                             run.py:8
net.unused() · not called here                            net.py:9
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project on disk, as the working directory."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["graph", *arguments]) == 0
    return capsys.readouterr().out


def squeezed(text: str) -> str:
    return re.sub(" {2,}", "  ", text)


def test_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the entry point down; blocking calls in a thread are not marked."""
    assert squeezed(shown(capsys, "app")) == squeezed(TEXT)


def test_a_function_is_listed_with_what_reaches_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "net.prepare")
    assert "Reached from:" in text
    assert "calls app.net.fetch" in squeezed(text) or "calls net.fetch" in squeezed(text)
    assert "runs in thread" in text
    assert "⚠ blocks on time.sleep" in text


@pytest.mark.parametrize("name", names())
def test_each_format(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """It names the functions and the blocking calls, and loads nothing from the network."""
    text = shown(capsys, "app", "--format", name)
    assert "fetch" in text
    assert "time.sleep" in text
    loaded = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?https?:""", text)
    assert not loaded


def test_json_is_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["name"]: one for one in json.loads(shown(capsys, "--format", "json"))["functions"]}
    assert found["app.run.main"]["entry"] == "run by app.run"
    kinds = [(edge["kind"], edge["targets"], edge["not_stored"]) for edge in found["app.run.main"]["edges"]]
    assert kinds == [
        ("group", ["app.net.fetch"], False),
        ("task", ["app.net.fetch"], True),
        ("thread", ["app.net.prepare"], False),
    ]


def test_to_a_file(project: Path) -> None:
    assert main(["graph", "app", "--format", "svg", "-o", "map.svg"]) == 0
    text = Path("map.svg").read_text("utf-8")
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert main(["graph", "app", "-o", "no/such/folder"]) == 2


def test_large_programs_fold(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output has at most about two hundred lines and says how much is folded."""
    for number in range(40):
        calls = "\n".join(f"    await f{n}()\n" for n in range(20))
        functions = "\n".join(f"async def f{n}():\n    pass\n" for n in range(20))
        text = f"{functions}\nasync def run():\n{calls}\n"
        Path("app", f"m{number}.py").write_text(text, "utf-8")
    lines = shown(capsys, "app").splitlines()
    assert len(lines) <= 210
    assert any("20 more" in line for line in lines)


def test_very_large_programs_fold_by_module(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each module is one line, with what it starts and blocks on below it."""
    for number in range(12):
        handlers = "\n".join(f"async def handle{n}():\n    await work()\n" for n in range(20))
        text = f"import asyncio, time\n\nasync def work():\n    time.sleep(1)\n\n{handlers}\n"
        started = "async def start():\n    asyncio.create_task(work())\n"
        Path("app", f"m{number}.py").write_text(text + started, "utf-8")
    lines = shown(capsys, "app").splitlines()
    at = lines.index("m0: 21 entry points")
    assert [line.split("  ")[0] for line in lines[at + 1 : at + 3]] == [
        "├─ ⚠ blocks on time.sleep · in work()",
        "└─ ⚠ starts task work · not stored · in start()",
    ]


def test_a_typo_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "net.prepar"]) == 2
    assert "did you mean `app.net.prepare`?" in capsys.readouterr().err


def test_nothing_async(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("plain.py").write_text("def f():\n    pass\n", "utf-8")
    assert main(["graph", "plain.py"]) == 1
    assert "no async functions found" in capsys.readouterr().err


def test_broken_files_are_read_up_to_the_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app", "broken.py").write_text("async def half(:\n    await x(\n", "utf-8")
    Path("app", "bytes.py").write_bytes(b"\xff\xfe\x00")
    assert "run.main()" in shown(capsys, "app")
