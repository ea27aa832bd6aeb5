"""Makes the .vsix: `loopwise-VERSION.vsix` for this platform, or with `--all` one for each in `dist/`."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import bill
import bundle
import notices
from bundle import CLIENT, TARGETS, installed, this_target

MOST = 10_000_000  # bytes: the server, its libraries, and a megabyte of what other libraries want awaited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=TARGETS, default=this_target())
    parser.add_argument("--all", action="store_true", help="all platforms, this one last")
    parser.add_argument("--out", type=Path, default=CLIENT / "dist", help="the folder for those of --all")
    bundle.add_sources(parser)
    options = parser.parse_args()
    notices.write(CLIENT / "LICENSE")
    run("node", "scripts/build.mjs")
    version = json.loads((CLIENT / "package.json").read_text("utf-8"))["version"]
    server = options.server or bundle.server_wheel(options.wheels)
    if not options.all:
        package(options.target, CLIENT / f"loopwise-{version}.vsix", server, options.wheels)
        return
    for target in sorted(TARGETS, key=lambda target: target == this_target()):
        package(target, options.out.resolve() / f"loopwise-{version}-{target}.vsix", server, options.wheels)


def package(target: str, out: Path, server: Path, kept: Path) -> None:
    """One .vsix, small enough; vsce looks for secrets in this platform's, as the others differ in libraries only."""
    bill.write(server, bundle.fill(target, server, kept))
    skipped = () if target == this_target() else ("--allow-package-all-secrets",)
    run(installed("vsce"), "package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links",
        "--target", target, "-o", str(out), *skipped)  # fmt: skip
    size = out.stat().st_size
    print(f"{out.name}: {size / 1e6:.1f} MB")
    if size > MOST:
        raise SystemExit(f"{out.name} is larger than {MOST / 1e6:.0f} MB")


def run(*command: str) -> None:
    subprocess.run(command, cwd=CLIENT, check=True)


if __name__ == "__main__":
    main()
