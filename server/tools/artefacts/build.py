"""Builds the artefacts: the sdist, the wheel and the ``.vsix`` for each platform, from a clean copy of the checkout."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from artefacts.bill import write_sums
from artefacts.shell import CLIENT, ROOT, program, run, tools, tracked

# What is in archives is as old as this, as hatchling has it: the same sources give the same bytes.
EPOCH = "1580601600"


def build(out: Path, work: Path, *, extension: bool) -> None:
    """Build them into ``out``, replacing existing ones."""
    copy = clean_copy(work / "checkout")
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("loopwise-*.whl"), *out.glob("loopwise-*.tar.gz"), *out.glob("loopwise-*.vsix")]:
        old.unlink()
    wheel = _python(copy, out, work)
    if extension:
        _extension(copy, wheel, out)
    write_sums(out)
    for made in sorted(out.glob("loopwise-*")):
        print(f"{made.stat().st_size / 1e6:6.2f} MB  {made.name}")


def clean_copy(place: Path) -> Path:
    """Copy what git tracks or could track, with uncommitted changes but without a developer's caches."""
    for name in tracked():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    return place


def _python(copy: Path, out: Path, work: Path) -> Path:
    """The sdist and, built from it, the wheel; the checkout must produce the same wheel."""
    python = program(tools(work, "build"), "python")
    run(python, "-m", "build", "--outdir", out, copy)
    run(python, "-m", "build", "--wheel", "--outdir", work / "direct", copy)
    (wheel,), (direct,) = out.glob("loopwise-*.whl"), (work / "direct").glob("*.whl")
    if (wheel.name, wheel.read_bytes()) != (direct.name, direct.read_bytes()):
        raise SystemExit(f"the sdist and the checkout do not give the same {wheel.name}")
    return wheel


def _extension(copy: Path, wheel: Path, out: Path) -> None:
    """All ``.vsix`` files, with the server from the wheel."""
    if shutil.which("node") is None:
        raise SystemExit("there is no node here: the extension needs Node 20; --no-extension leaves it out")
    modules = CLIENT / "node_modules"
    if not modules.exists():
        run("npm", "ci", "--loglevel=error", cwd=CLIENT)
    (copy / "vscode-client" / "node_modules").symlink_to(modules, target_is_directory=True)
    script = copy / "vscode-client" / "scripts" / "package.py"
    kept = CLIENT / "dist" / "wheels"  # downloads, checked against hashes
    command: list[str | Path] = [sys.executable, script, "--all", "--out", out, "--server", wheel, "--wheels", kept]
    run(*command, env={"SOURCE_DATE_EPOCH": EPOCH})
