"""Options of the test suite."""

from __future__ import annotations

import compileall
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from scenario import Stages
    from serving import Servers

SERVER = Path(__file__).parents[1] / "server" / "loopwise"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption("--update", action="store_true", help="rewrite the claims of tests/scenarios to what is")


LONGEST = """
    test_jupyterlab test_kate test_reported_cases test_vim test_tidy test_completion_properties test_tracebacks
    test_vscode_client test_protocol test_neovim test_neovim_beside test_emacs_beside test_neovim_completion
    test_odd_messages test_gone_documents test_graph_protocol test_completion test_server_process test_remembered
    test_completion_protocol test_findings_protocol test_assist_programs test_hostile_files test_samples test_rules
    test_properties test_growth test_emacs test_cli test_words test_websocket test_scenarios test_oracle
    test_every_name test_notebooks test_neovim_fixes test_neovim_dropped test_conversions test_carried_tables
    test_api test_signature_help test_snippets
""".split()
"""The slowest files, those that wait for editors and servers first, so that no worker starts them last."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files as workers should take them."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_configure(config: pytest.Config) -> None:
    """Compile the server once, for the hundreds of processes that tests start.

    Where ``PYTHONDONTWRITEBYTECODE`` is set each of them would compile it again.  The bytecode goes by its source's
    content: one that was changed twice in a second is not taken for the one before.
    """
    config.option.loadscopereorder = False  # xdist would start with the file that has the most tests
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(SERVER, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Folders with files and workspaces over them, shared by all tests of a process."""
    from scenario import Stages

    return Stages(tmp_path_factory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    """Servers that run until the tests of a process have finished."""
    from serving import Servers

    async with AsyncExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def port() -> int:
    """A free TCP port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Print sets in order: processes that run parts of the suite must agree on the names of cases."""
    if isinstance(val, (set, frozenset)):
        return "{" + ", ".join(sorted(map(str, val))) + "}"
    return str(val) if isinstance(val, dict) else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start one more worker than there are cores, because the tests of editors and servers mostly wait."""
    return (os.cpu_count() or 1) + 1
