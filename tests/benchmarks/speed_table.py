"""Measure Loopwise and other language servers on the same files in one run, and write the page of costs.

Needs Linux, ``pip install matplotlib``, and the servers in the folder ``--bin``; those that are not there are left out.
ROOT and PATH are the folder of a project and a file below it, which has a coroutine function:

python tests/benchmarks/speed_table.py --bin VENV/bin --file ROOT PATH --file ROOT PATH
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from speed.growth import GROWTHS
from speed.measures import Server, measured, opening
from speed.page import Growth, Run, Table, write
from speed.typist import Typed, Typist

_HERE = Path(__file__).resolve().parent
_SERVER = _HERE.parents[1] / "server"
_ECHO = "echo"
# Those that a user of Python can have beside Loopwise, by the file that starts them.
_PEERS = {
    "ty": "ty server",
    "zuban": "zuban server",
    "pyrefly": "pyrefly lsp",
    "basedpyright": "basedpyright-langserver --stdio",
    "jedi-language-server": "jedi-language-server",
    "pylsp": "pylsp",
    "ruff": "ruff server",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="the folder of the other servers' commands")
    parser.add_argument("--file", nargs=2, type=Path, action="append", default=[], metavar=("ROOT", "PATH"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=20, help="questions of each kind in a round")
    parser.add_argument("--only", nargs="*", default=list(_PEERS), help="the other servers to measure")
    parser.add_argument("--no-growth", action="store_true", help="measure only the files")
    parser.add_argument("--page", type=Path, default=_SERVER / "COSTS.md")
    options = parser.parse_args()
    servers = list(_servers(options.bin, options.only))
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # what a server keeps is this run's own
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled
        tables = [_table(servers, root.resolve(), path, options) for root, path in options.file]
        growths = [] if options.no_growth else list(_growths(servers))
    run = Run(before, os.getloadavg()[0], options.rounds, options.count, _versions(servers))
    pictures = _SERVER / "pictures" if options.page.parent == _SERVER else options.page.parent
    write(options.page, pictures, run, tables, growths)


def _servers(folder: Path, wanted: Sequence[str]) -> Iterator[Server]:
    python = shlex.quote(sys.executable)
    yield Server("Loopwise", f"{python} -P -m loopwise serve")
    yield Server(_ECHO, f"{python} -P {shlex.quote(str(_HERE / 'speed' / 'echo.py'))}")
    for name, command in _PEERS.items():
        if name not in wanted:
            continue
        if (folder / command.split()[0]).exists():
            yield Server(name, f"{shlex.quote(str(folder.absolute()))}/{command}")
        else:
            print(f"{name} is not there and is left out")


def _table(servers: Sequence[Server], root: Path, path: Path, options: argparse.Namespace) -> Table:
    """Measure all servers with one file, by turns, so that the machine's moods meet all of them."""
    found: dict[str, dict[str, list[float]]] = {server.name: defaultdict(list) for server in servers}
    for turn in range(options.rounds):
        for server in servers:
            print(f"{path}: round {turn + 1}, {server.name}", flush=True)
            for measure, seconds in measured(server, root, root / path, options.count, before=turn > 0).items():
                found[server.name][measure] += seconds
    lines = (root / path).read_bytes().count(b"\n")
    return Table(f"{path.name} of {root.name} ({lines:,} lines)", found)


def _growths(servers: Sequence[Server]) -> Iterator[Growth]:
    for what, (make, sizes) in GROWTHS.items():
        found: dict[str, list[float | None]] = {server.name: [] for server in servers if server.name != _ECHO}
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                path = make(Path(folder), size)
                for server in servers:
                    if server.name in found:
                        print(f"{what}: {size}, {server.name}", flush=True)
                        found[server.name].append(opening(server, Path(folder), path))
        yield Growth(what, sizes, found)


def _versions(servers: Sequence[Server]) -> Mapping[str, str]:
    """The versions as the servers name them when they are started."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "app.py")
        path.write_text("async def main():\n    pass\n", "utf-8")
        for server in servers:
            if server.name != _ECHO:
                with Typist(server.command, Path(folder), Typed.of(path)) as one:
                    found[server.name] = one.server_info.get("version", "")
    return found


if __name__ == "__main__":
    main()
