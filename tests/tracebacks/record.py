"""Run the programs of these pages on real interpreters and keep what they print: ``python record.py``.

Below each ``python`` block is a ``text`` block for each Python that prints something else than the one before it.
Paths are those of another machine, as in logs that people paste.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "knowledge")]
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
PROGRAM = re.compile(
    r"^```python(?P<words>[^\n]*)\n(?P<code>.*?)^```\n(?:```text [^\n]*\n.*?^```\n)*", re.MULTILINE | re.DOTALL
)


def main() -> None:
    """Rewrite all pages."""
    for page in sorted(HERE.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        page.write_text(PROGRAM.sub(_recorded, text), encoding="utf-8")


def _recorded(block: re.Match[str]) -> str:
    words = block["words"].split()
    first = next((word.rstrip("+") for word in words if word.endswith("+")), "3.10")
    outputs: list[tuple[str, str]] = []
    for version in VERSIONS:
        if tuple(map(int, version.split("."))) >= tuple(map(int, first.split("."))):
            outputs.append((version, printed(version, block["code"], dev="dev" in words)))
    shown = [one for index, one in enumerate(outputs) if index == 0 or _bare(one[1]) != _bare(outputs[index - 1][1])]
    texts = "".join(f"```text {version}\n{output}```\n" for version, output in shown if output)
    return f"```python{block['words']}\n{block['code']}```\n{texts}"


def _bare(output: str) -> str:
    """An output without what differs between versions in any case: lines and files of the standard library."""
    return re.sub(r'File "/usr[^\n]*\n(?:[^\n]*\n)*?(?=\S|  File)|[\^~]+|0x\w+|\d', "", output)


def printed(version: str, code: str, *, dev: bool) -> str:
    """Run a program and return its standard error."""
    import interpreters

    python = interpreters.find(version)
    assert python is not None, f"there is no Python {version} here"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "app.py")
        path.write_text(code, encoding="utf-8")
        options = ["-X", "dev"] if dev else []
        run = subprocess.run(
            [python, *options, str(path)], capture_output=True, text=True, check=False, timeout=30, cwd=folder
        )
        library = Path(python).resolve().parents[1] / "lib"
        return run.stderr.replace(folder, "/srv/shop").replace(str(library), "/usr/lib")


if __name__ == "__main__":
    main()
