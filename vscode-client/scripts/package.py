"""Makes the .vsix: `loopwise-VERSION.vsix` for this platform, or with `--all` one for each in `dist/`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import bundle
from bundle import CLIENT, ROOT, TARGETS, this_target

MOST = 8_000_000  # bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=TARGETS, default=this_target())
    parser.add_argument("--all", action="store_true", help="all platforms, this one last")
    options = parser.parse_args()
    shutil.copyfile(ROOT / "LICENSE", CLIENT / "LICENSE")
    run("node", "scripts/build.mjs")
    version = json.loads((CLIENT / "package.json").read_text("utf-8"))["version"]
    if options.all:
        for target in sorted(TARGETS, key=lambda target: target == this_target()):
            package(target, CLIENT / "dist" / f"loopwise-{version}-{target}.vsix")
    else:
        package(options.target, CLIENT / f"loopwise-{version}.vsix")


def package(target: str, out: Path) -> None:
    """One .vsix, small enough."""
    bundle.fill(target)
    vsce = CLIENT / "node_modules" / "@vscode" / "vsce" / "vsce"
    run("node", str(vsce), "package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links",
        "--target", target, "-o", str(out))  # fmt: skip
    size = out.stat().st_size
    print(f"{out.name}: {size / 1e6:.1f} MB")
    if size > MOST:
        raise SystemExit(f"{out.name} is larger than {MOST / 1e6:.0f} MB")


def run(*command: str) -> None:
    subprocess.run(command, cwd=CLIENT, check=True)


if __name__ == "__main__":
    main()
