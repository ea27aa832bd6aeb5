"""Search with coverage for texts of people on which Loopwise raises; needs ``pip install atheris``.

python tests/benchmarks/fuzz.py settings --minutes 5

Each input that is found is written to the current folder as ``crash-…``: add it to ``FOUND`` in test_fuzz_inputs.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with atheris.instrument_imports(include=["loopwise", "fuzz_targets"]):
    import fuzz_targets

from fuzz_pieces import PIECES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=fuzz_targets.TARGETS)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    for number, seed in enumerate(PIECES[options.target]):
        (folder / str(number)).write_bytes(seed)
    words = folder.with_name(f"{folder.name}.words")
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece) for piece in PIECES[options.target])
    words.write_text("".join(f'"{piece}"\n' for piece in quoted))
    limits = [f"-max_total_time={options.minutes * 60:.0f}", "-timeout=20", "-max_len=600"]
    atheris.Setup([sys.argv[0], str(folder), *limits, f"-dict={words}"], fuzz_targets.TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
