"""The shipped summaries of libraries: each can be read, all are small, and an installed version takes precedence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopwise.cards import knowledge_folder
from loopwise.semantics.libraries import Libraries, Reader
from loopwise.semantics.libraries.shipped import shipped
from loopwise.semantics.libraries.smaller import public_stub_of
from loopwise.store import Store
from loopwise.syntax import parse
from loopwise.text import Source

PACKS = sorted(path.stem for path in (knowledge_folder() / "libraries").glob("*.xz"))
KNOWN = """
    aiohttp:ClientSession.close aiohttp:ClientResponse.json httpx:AsyncClient.aclose redis:Redis.execute_command
    openai:AsyncCompletions.create anthropic:AsyncMessages.create asyncpg:Connection.fetch
    psycopg:AsyncConnection.execute sqlalchemy:AsyncSession.commit aiosqlite:Connection.commit aio_pika:Channel.close
    discord:Client.close telegram:Bot.get_me aiogram:Bot.send_message playwright:Page.goto
    elasticsearch:AsyncElasticsearch.info aiokafka:AIOKafkaProducer.start starlette:Request.json
    fastapi:UploadFile.read anyio:TaskGroup.start tortoise:Model.save beanie:Document.insert
    temporalio:Client.start_workflow textual:App.run_async mcp:ClientSession.initialize nats:Client.publish
""".split()


def test_all_are_small() -> None:
    sizes = {name: (knowledge_folder() / "libraries" / f"{name}.xz").stat().st_size for name in PACKS}
    assert len(PACKS) >= 30
    assert sum(sizes.values()) <= 1024 * 1024, sizes


@pytest.mark.parametrize("name", PACKS)
def test_each_example_can_be_read(name: str) -> None:
    pack = shipped(name)
    assert pack is not None
    assert pack.name == name
    assert re.fullmatch(r"\d+(\.\d+)*\w*", pack.version), pack.version
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", pack.date), pack.date
    broken = [one.name for one in pack.summaries.values() if parse(Source.of(one.stub)).root_node.has_error]
    assert not broken
    assert pack.coroutines


@pytest.mark.parametrize("name", KNOWN)
def test_the_awaited_value_is_known(name: str) -> None:
    """``package:Class.method`` is an ``async def`` in one of the package's modules."""
    root, _, member = name.partition(":")
    owner, _, method = member.partition(".")
    pack = shipped(root)
    assert pack is not None
    assert method in pack.coroutines
    head = re.compile(rf"^class {owner}\b".encode(), re.MULTILINE)
    assert any(head.search(one.stub) and method in one.coroutines for one in pack.summaries.values())


def test_the_installed_version_wins(tmp_path: Path) -> None:
    site = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    libraries = Libraries(None, Reader(tmp_path / "env", Store(tmp_path / "store.sqlite")))
    assert libraries.load("httpx") is not None  # not installed: what is shipped
    (site / "httpx.py").write_text("async def only_here(): ...\n")
    libraries = Libraries(None, Reader(tmp_path / "env", Store(tmp_path / "store.sqlite")))
    found = libraries.load("httpx")
    assert found is not None
    assert b"only_here" in found.source.data
    assert libraries.load("httpx._client") is None


def test_a_reduced_stub_keeps_its_meaning() -> None:
    """Private functions are removed with their decorators; a remaining block is still a block."""
    text = """\
class A:
    @property
    def _gone(self): ...
    def kept(self): ...
class B:
    async def _also_gone(self): ...
def plain(a: int, b: str) -> None:
    '''Not shown.'''
async def awaited(a: int) -> str:
    '''Shown. No more.'''
"""
    stub = public_stub_of(parse(Source.of(text.encode())).root_node).decode()
    assert (
        stub
        == """\
class A:
 def kept(self):
  ...
class B:
 ...
def plain(*_, **__) -> None:
 ...
async def awaited(a: int) -> str:
 \"\"\"Shown\"\"\"
"""
    )
