"""JupyterLab with jupyterlab-lsp as a user has it: the lines of EDITORS.md, in a real Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from needed import needed

pytestmark = [pytest.mark.editor, pytest.mark.slow]

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "server" / "EDITORS.md"
TOOLS = Path(sys.executable).parent
CACHE = Path(os.environ.get("LOOPWISE_CACHE") or Path.home() / ".cache" / "loopwise-tests")
JUPYTER = CACHE / "jupyterlab" / "bin"
BLOCK = re.compile(
    r"^<!-- jupyterlab:begin -->$.*?^```json\n(.*?)^```$.*?^<!-- jupyterlab:end -->$", re.MULTILINE | re.DOTALL
)
CELLS = [
    "import asyncio\nimport time",
    "async def main():\n    time.sleep(1)\n    asyncio.sleep(2)",
    "await main()",
    "asyncio.run(main())",
    "await asyncio.",
]
STARTS_WITHIN = 90  # seconds
DONE_WITHIN = 300  # seconds


def browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-headless-shell")


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    there = browser() is not None and (JUPYTER / "jupyter-lab").exists()
    needed("jupyterlab", there, f"`tests/editors/jupyterlab/setup.sh {JUPYTER.parent}` installs it, and Chromium")


@contextmanager
def lab(folder: Path, port: int) -> Iterator[str]:
    """Start JupyterLab in a folder, with the user's settings in it; yield its address."""
    lines = BLOCK.search(PAGE.read_text("utf-8"))
    assert lines is not None, f"{PAGE.name} has no ```json block between `<!-- jupyterlab:begin -->` and its end"
    config = folder / "config"
    config.mkdir()
    (config / "jupyter_server_config.json").write_text(lines[1], encoding="utf-8")
    programs = folder / "bin"  # without the other language servers that are installed beside ours
    programs.mkdir()
    (programs / "loopwise").symlink_to(TOOLS / "loopwise")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(programs), str(JUPYTER), "/usr/bin", "/bin")),
        "HOME": str(folder),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }
    command = [JUPYTER / "jupyter-lab", "--allow-root", "--no-browser", f"--port={port}", "--ServerApp.ip=127.0.0.1"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder / 'work'}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            end = time.monotonic() + STARTS_WITHIN
            while not answers(port):
                assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text("utf-8")
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/lab/tree/book.ipynb"
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import socket

    folder = tmp_path_factory.mktemp("jupyterlab")
    (folder / "work").mkdir()
    cells = [
        {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "id": str(at)}
        for at, text in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "work" / "book.ipynb").write_text(json.dumps(book), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with lab(folder, port) as address:
        picture = folder / "page.png"
        command = [JUPYTER / "python", HERE / "drive.py", address, browser() or "", picture]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DONE_WITHIN, check=False)
    log = (folder / "log").read_text("utf-8")[-3_000:]
    assert done.returncode == 0, done.stderr + log
    found: dict[str, Any] = json.loads(done.stdout)
    assert "trouble" not in found, f"{found}\na picture: {picture}\n{log}"
    return found


def test_findings_are_those_of_a_notebook(seen: dict[str, Any]) -> None:
    """`await` at the top level is not a finding, code that runs a loop in the running one is."""
    text = "".join(seen["findings"]).replace("\n", "")
    assert "time.sleep(1)" in text
    assert "asyncio.sleep(2)" in text
    assert "asyncio.run(main())" in text
    assert "await main()" not in text


def test_a_hover_shows_the_card(seen: dict[str, Any]) -> None:
    assert "asyncio.sleep" in seen["hover"]


def test_completions_include_ours(seen: dict[str, Any]) -> None:
    text = " ".join(seen["completions"])
    assert "sleep" in text
    assert "shield" in text
