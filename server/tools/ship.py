"""Builds and checks what is shipped: the sdist, the wheel, and the VS Code extension's ``.vsix`` for each platform.

Steps: ``build`` makes them from the checkout as it is, ``check`` inspects them, ``install`` uses them as users do, in
fresh environments away from the checkout.  All three run by default.  Needs git, Node 20 for the extension, and network
access for pip and npm; exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from artefacts.bill import wrong_sums
from artefacts.build import build
from artefacts.python import check_python
from artefacts.run import check_bundle, check_installs
from artefacts.shell import ROOT, version
from artefacts.vsix import check_extension
from set_version import versions

STEPS = ("build", "check", "install")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)}")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the artefacts (default: dist)")
    parser.add_argument("--no-extension", action="store_true", help="without the .vsix files, which need Node")
    options = parser.parse_args()
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"{', '.join(sorted(unknown))}: the steps are {', '.join(STEPS)}")
    steps, out, extension = options.steps or STEPS, options.out.resolve(), not options.no_extension
    problems = 0
    with tempfile.TemporaryDirectory(prefix="artefacts-") as work:
        for step in (step for step in STEPS if step in steps):
            print(f"-- {step}", flush=True)
            began = perf_counter()
            for problem in _problems(step, out, Path(work), extension=extension):
                print(f"wrong: {problem}", flush=True)
                problems += 1
            print(f"-- {step}: {perf_counter() - began:.0f} s", flush=True)
    print(f"{problems} problems" if problems else f"Loopwise {version()}: nothing wrong")
    return 1 if problems else 0


def _problems(step: str, out: Path, work: Path, *, extension: bool) -> Iterator[str]:
    if step == "build":
        build(out, work, extension=extension)
        return
    if not list(out.glob(f"loopwise-{version()}*.whl")):
        raise SystemExit(f"{out} has no wheel of {version()}: build first")
    if step == "check":
        yield from (f"{place} says {said}" for place, said in versions(ROOT).items() if said != version())
        yield from wrong_sums(out)
        yield from check_python(out, work)
        if extension:
            yield from check_extension(out, work)
    else:
        yield from check_installs(out, work)
        if extension:
            yield from check_bundle(out, work)


if __name__ == "__main__":
    sys.exit(main())
