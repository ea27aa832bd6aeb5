"""Writes the extension's LICENSE: the project's own, and below it those of the libraries in its JavaScript.

esbuild puts the libraries into one file, and most of their licences want to be told along.  Those of the Python
libraries stand in `bundled/libs`, each in its own `.dist-info`.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from bundle import CLIENT, ROOT, installed

ENTRIES = ("src/extension.ts", "webview/main.ts")  # of scripts/build.mjs
_PACKAGE = re.compile(r"(.*/)?node_modules/(@[^/]+/[^/]+|[^/]+)")
_LICENCE = re.compile(r"(LICEN[SC]E|COPYING|NOTICE)([.-].*)?", re.IGNORECASE)


def write(path: Path) -> None:
    """The whole file."""
    parts = [(ROOT / "LICENSE").read_text("utf-8")]
    for package in libraries():
        name = json.loads((package / "package.json").read_text("utf-8"))["name"]
        parts.append(f"{'-' * 80}\nThe extension's JavaScript has parts of {name}:\n\n{licence(package)}")
    path.write_text("\n".join(part.rstrip() + "\n" for part in parts), "utf-8", newline="\n")


def libraries() -> list[Path]:
    """The folders of the packages that esbuild takes code from."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.json"
        command = [installed("esbuild"), *ENTRIES, "--bundle", "--minify", "--platform=node"]
        command += ["--external:vscode", "--log-level=error", f"--outdir={folder}", f"--metafile={said}"]
        subprocess.run(command, cwd=CLIENT, check=True)
        outputs = json.loads(said.read_text("utf-8"))["outputs"].values()
    used = [name for output in outputs for name, part in output["inputs"].items() if part["bytesInOutput"]]
    packages = {match[0] for match in map(_PACKAGE.match, used) if match}
    return sorted((CLIENT / package for package in packages), key=lambda package: package.name)


def licence(package: Path) -> str:
    """The texts of a package's licence files."""
    files = [path for path in sorted(package.iterdir()) if _LICENCE.fullmatch(path.name)]
    if not files:
        raise SystemExit(f"{package.name} has no licence file: look for what it is under")
    return "\n".join(path.read_text("utf-8") for path in files)
