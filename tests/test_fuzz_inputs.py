"""Texts of people never make Loopwise raise: cards, settings, ignore files, notebooks and comments."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz_pieces import PIECES
from fuzz_targets import TARGETS

_EXAMPLES = int(os.environ.get("LOOPWISE_FUZZ", "40"))

FOUND: dict[str, list[bytes]] = {
    "notebook": [
        b'{"metadata": [], "cells": [{"cell_type": "code", "source": "x = 1"}]}',
        b'{"metadata": {"language_info": 1}, "cells": [{"cell_type": "code", "source": "x = 1"}]}',
        b'{"metadata": {"kernelspec": []}, "cells": [{"cell_type": "code", "source": "x = 1"}]}',
        b'{"cells": [{"cell_type": "code", "source": ["\\ud800 = 1\\n", "import asyncio"]}]}',
        b'[{"cells": []}]',
        b'{"cells": 1}',
    ],
    "ignore": [b"[*--[[:alpha:]]"],
    "settings": [b"[tool.loopwise]\n[flake8\nselect\n = ['a']\n]\n"],
}


def texts(name: str) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(PIECES[name]) | st.binary(max_size=3), max_size=25).map(b"".join)


@pytest.mark.parametrize("name", TARGETS)
def test_any_text_is_read(name: str) -> None:
    @settings(max_examples=_EXAMPLES, database=None, deadline=None)
    @given(texts(name))
    def read(data: bytes) -> None:
        TARGETS[name](data)

    read()


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, found in FOUND.items() for data in found])
def test_texts_that_were_found_are_read(name: str, data: bytes) -> None:
    TARGETS[name](data)
