"""The projects whose code the completion benchmark asks about: those it was tuned beside, and those it was not.

`TUNED` are the 14 that completion was first measured on, whose misses have been read.
`UNSEEN` are 20 drawn by `random.Random("completion, unseen").sample(sorted(names), 21)` from 70 asyncio packages of
PyPI (one of the names drawn does not exist); their misses are never read, so that they show how good completion is
in unseen code.
`DRAWN_LATER` are 20 more, the first that use asyncio of `random.Random("completion, unseen, December 2026")` among
120 others, drawn when completion was done; their misses are not read either.
None of the three is among the sources of `knowledge/usage.json`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# Version, and how it is distributed: what needs much to build its metadata is taken as a wheel.
TUNED = {
    "aiokafka": ("0.14.0", "sdist"),
    "aioshelly": ("13.35.0", "wheel"),
    "arq": ("0.28.0", "sdist"),
    "bleak": ("3.1.0", "wheel"),
    "hypercorn": ("0.18.0", "sdist"),
    "jupyter_client": ("8.10.0", "sdist"),
    "kopf": ("1.45.2", "wheel"),
    "nats-py": ("2.16.0", "wheel"),
    "openai-agents": ("0.24.0", "wheel"),
    "python-roborock": ("7.13.0", "wheel"),
    "slixmpp": ("1.17.0", "sdist"),
    "taskiq": ("0.13.0", "sdist"),
    "telethon": ("1.45.0", "wheel"),
    "textual": ("8.2.8", "sdist"),
}
UNSEEN = {
    "Pyrogram": ("2.0.106", "wheel"),
    "aioquic": ("1.7.2", "wheel"),
    "aiounifi": ("74", "wheel"),
    "asyncpraw": ("8.0.3", "wheel"),
    "daphne": ("4.2.3", "wheel"),
    "dbus-fast": ("5.2.0", "wheel"),
    "dbus-next": ("0.2.3", "wheel"),
    "grpclib": ("0.4.9", "wheel"),
    "ib_insync": ("0.9.86", "wheel"),
    "ipykernel": ("7.4.0", "wheel"),
    "matrix-nio": ("0.26.0", "wheel"),
    "pika": ("1.4.4", "wheel"),
    "pyartnet": ("2.0", "wheel"),
    "pyppeteer": ("2.0.0", "wheel"),
    "python-telegram-bot": ("22.8", "wheel"),
    "temporalio": ("1.35.0", "wheel"),
    "uvicorn": ("0.54.0", "wheel"),
    "wyoming": ("1.10.2", "wheel"),
    "zeroconf": ("0.154.0", "wheel"),
    "zigpy": ("2.4.0", "wheel"),
}
DRAWN_LATER = {
    "aiobotocore": ("3.10.0", "wheel"),
    "aiocomfoconnect": ("0.2.1", "wheel"),
    "aiogram": ("3.31.0", "wheel"),
    "aiormq": ("7.2.4", "wheel"),
    "aioserial": ("1.3.0", "wheel"),
    "aiowebostv": ("0.10.0", "wheel"),
    "aiozmq": ("1.0.0", "wheel"),
    "asgiref": ("3.13.0", "wheel"),
    "disnake": ("2.12.2", "wheel"),
    "faust-streaming": ("0.15.3", "wheel"),
    "jupyter-server": ("2.21.1", "wheel"),
    "mitmproxy": ("11.0.2", "wheel"),
    "motor": ("3.7.1", "wheel"),
    "nicegui": ("3.18.0", "wheel"),
    "nio-bot": ("1.2.1", "wheel"),
    "quart": ("0.22.0", "wheel"),
    "saq": ("0.26.4", "wheel"),
    "streamrip": ("2.1.0", "wheel"),
    "twitchio": ("3.3.2", "wheel"),
    "zigpy-znp": ("1.1.1", "wheel"),
}
SETS = {"tuned": TUNED, "unseen": UNSEEN, "later": DRAWN_LATER}
# Places of a kind: of the tuned ones as many as were always asked about, of the unseen ones about 250 in all.
LIMITS = {"tuned": 24, "unseen": 17, "later": 17}


def fetch(folder: Path, project: str, version: str, form: str) -> Path:
    """Return the project's unpacked source distribution or wheel; a wheel may be built for this platform."""
    stem = f"{project.replace('-', '_')}-{version}"
    root = folder / "src" / (f"{stem}-py3-none-any" if form == "wheel" else stem)
    if not root.is_dir():
        archive = _downloaded(folder / "sdists", project, version, form, stem)
        if form == "wheel":
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(root)
        else:
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            with tarfile.open(archive) as packed:
                packed.extractall(folder / "src", **safely)
    return root.resolve()


def _downloaded(folder: Path, project: str, version: str, form: str, stem: str) -> Path:
    pattern = re.compile(re.escape(stem) + (r"-.*\.whl" if form == "wheel" else r"\.tar\.gz"), re.IGNORECASE)
    for _ in range(2):
        for archive in folder.glob("*") if folder.is_dir() else ():
            if pattern.fullmatch(archive.name):
                return archive
        print(f"fetching {project} {version}", file=sys.stderr, flush=True)
        only = "--no-binary" if form == "sdist" else "--only-binary"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", only, ":all:"]
        subprocess.run([*command, "-d", str(folder), f"{project}=={version}"], check=True)
    raise FileNotFoundError(f"pip has left no {stem} in {folder}")
