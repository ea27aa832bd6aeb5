"""Pieces of what people write for Loopwise, from which texts are made that are nearly right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_JSON = [b"{", b"}", b"[", b"]", b":", b",", b'"', b"null", b"true", b"1e999", b"-1", b'"\\ud800"', b'""', b"{}", b"[]"]
_TOML = [
    b"[tool.loopwise]\n",
    b"[tool.loopwise.hover]\n",
    b"[[tool.loopwise]]\n",
    b"[tool.ruff.lint]\n",
    b"[tool.ruff]\nselect = ['ASYNC']\n",
    b"[project]\nrequires-python = '>=3.10'\n",
    b"[tool.poetry.dependencies]\npython = '^3.10'\n",
    b"[flake8]\nselect = ASYNC\n",
    b"[tool.mypy]\n",
    b"[tool.pylint.'messages control']\n",
    b"select",
    b"ignore = ['LW101']\n",
    b"extend-select",
    b"per-file-ignores = {'*.py' = ['LW2']}\n",
    b"exclude = ['[b-']\n",
    b"target-version = '3.12'\n",
    b"environment = '\\u0000'\n",
    b"pages = ['..']\n",
    b"blocking-calls = ['a.b']\n",
    b" = ",
    b"'a'\n",
    b"3\n",
    b"true\n",
    b"1979-05-27\n",
    b"nan\n",
    b"[]\n",
    b"{}\n",
    b"\n",
    b"\xff",
    b"\x00",
    b"#",
    b"%(x)s\n",
]
_KEYS = [b'"select"', b'"ignore"', b'"hover"', b'"enable"', b'"targetVersion"', b'"environment"', b'"pages"', b'"jedi"']
_KEYS += [b'"perFileIgnores"', b'"exclude"', b'"diagnostics"', b'"completion.mode"', b'"LW1"', b'"3.12"', b'"\\u0000"']
_CELLS = [b'"cells"', b'"cell_type"', b'"code"', b'"source"', b'"metadata"', b'"language_info"', b'"name"', b'"python"']
_CELLS += [b'"kernelspec"', b'"language"', b'"%time x"', b'"!ls \\\\\\\\"', b'"await f(\\n"', b'"?"']
_NOTEBOOK = b'{"metadata": {}, "cells": [{"cell_type": "code", "source": ["import asyncio\\n", "asyncio.sleep(1)"]}]}'
_HEADS = [b"# Shop\n", b"## a.b\n", b"##\n", b"Also: c\n", b"Text.\n", b"> **B.** c\n", b"- [3.11+] x\n", b"[3.99"]
_HEADS += [
    b"```python 3\n",
    b"```snippet a body\n",
    b"```snippet\n",
    b"${1:x}",
    b"```\n",
    b"~~~\n",
    b"See also: x [3.1]\n",
]
_HEADS += [
    b"Raises: a \xc2\xb7 b\n",
    b"Prefer: , ;\n",
    b"\x00",
    b"\xe2\x80\xa8",
    b"\xff",
    b"\n",
    b"  - [-3.10]\n",
    b"[-3.",
]
_GLOBS = [
    b"*",
    b"**",
    b"/",
    b"!",
    b"[",
    b"]",
    b"[!",
    b"[^",
    b"\\",
    b"?",
    b"a",
    b".py",
    b"-",
    b" ",
    b"#",
    b"\n",
    b"\r",
    b"\x00",
]
_GLOBS += [b"[[:alpha:]]", b"[z-a]", b"[]]", b"(?", b"{", b"|", b"\xc3\xa9", b"\xff", b"/**/", b"[\\", b"$", b"^"]
_WORDS = [
    b"noqa",
    b": ",
    b":",
    b"LW201",
    b"ASYNC251",
    b", ",
    b"loopwise: ignore",
    b"[",
    b"]",
    b"type: ignore",
    b"pylint: ",
]
_WORDS += [
    b"disable=",
    b"disable-next=",
    b"enable=",
    b"W0101",
    b"blocking-sleep",
    b"ruff: noqa",
    b"flake8: noqa",
    b"# ",
    b"\\",
]
_WORDS += [
    b"ruff: disable[",
    b"ruff: enable[",
    b"fmt: off",
    b"loopwise: skip-file",
    b"\xff",
    b"\x00",
    b"\xc3\xa9",
    b"\t",
    b"'",
]

_PAGE = b"# Shop\n\n## a.b\n\nText.\n\n- [3.11+] x\n\n> **B.** c\n\n```python 3.11+\nx\n```\n\nSee also: a.b\n"

PIECES: Mapping[str, Sequence[bytes]] = {
    "page": [_PAGE, *_HEADS],
    "settings": [*_TOML, *_JSON],
    "options": [*_KEYS, *_JSON],
    "ignore": _GLOBS,
    "notebook": [_NOTEBOOK, *_CELLS, *_JSON],
    "comment": _WORDS,
}
