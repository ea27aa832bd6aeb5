"""The keys under which summaries are stored."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import loopwise
from loopwise import disk
from loopwise.text import encode


def key_of(*parts: bytes) -> bytes:
    """The key of what is made from some bytes by this version of the program."""
    made = blake2b(_program(), digest_size=20)
    for part in parts:
        made.update(len(part).to_bytes(8, "little") + part)
    return made.digest()


@cache
def _program() -> bytes:
    """A digest of the code that makes summaries."""
    made = blake2b(encode(loopwise.__version__), digest_size=20)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        made.update(disk.read(path, disk.DATA))
    return made.digest()
