"""Everything that findings depend on besides the texts of the file and of other modules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

import loopwise
from loopwise.cards import knowledge_folder
from loopwise.diagnosis.companions import configurations
from loopwise.project import Root
from loopwise.semantics.modules import stub_folder
from loopwise.text import encode


def state_of(root: Root, folders: Iterable[Path]) -> bytes:
    """A key that differs for each version of the program, and for other settings, libraries, or tool configurations.

    ``folders`` are those of the files that are checked.  Accesses the disk.
    """
    return msgspec.json.encode(
        (root.settings, str(root.target), root.libraries.state, program(), configurations(folders))
    )


@cache
def program() -> str:
    """A digest of all shipped files that findings depend on: code, data and stubs."""
    package, stubs = Path(loopwise.__file__).parent, stub_folder()
    said = [loopwise.__version__, str(stubs), *(_stamp(path, os.stat(path)) for path in (stubs,) if path is not None)]
    said += sorted(stamp for folder in (package, knowledge_folder()) for stamp in _stamps(folder))
    return blake2b(encode("\n".join(said)), digest_size=12).hexdigest()


def _stamps(folder: Path | str) -> Iterator[str]:
    """The files below a folder that findings depend on; by names, as hundreds of paths take 10 ms longer."""
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir():
                yield from _stamps(one.path)
            elif one.name.endswith((".py", ".toml", ".json", ".xz")):
                yield _stamp(one.path, one.stat())


def _stamp(path: Path | str, state: os.stat_result) -> str:
    return f"{path} {state.st_mtime_ns} {state.st_size}"
