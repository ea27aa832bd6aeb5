"""The data files of ``knowledge/frameworks``, and the conclusions from them."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from loopwise.cards.api import knowledge_folder
from loopwise.cards.frameworks import Framework, awaiting, closing, decoded, driving, frameworks, takes

FILES = sorted((knowledge_folder() / "frameworks").glob("*.toml"))


def test_each_file_is_a_framework() -> None:
    assert len(FILES) >= 15
    assert {path.stem for path in FILES} == set(frameworks())


@pytest.mark.parametrize("name", sorted(frameworks()))
def test_each_framework_is_complete(name: str) -> None:
    """Its modules can be imported, and each decorator is listed once, as a name."""
    one: Framework = frameworks()[name]
    listed = [*one.either, *one.plain, *one.asynchronous]
    assert one.modules
    assert listed or one.awaits or one.closes is not None
    assert len(listed) == len(set(listed))
    assert all(re.fullmatch(r"[a-z_]+", word) for word in (*listed, *one.modules))


@pytest.mark.parametrize(
    ("decorator", "imported", "kind"),
    [
        ("get", ("fastapi",), "either"),
        ("get", ("aiohttp",), "async"),
        ("command", ("click",), "plain"),
        ("command", ("discord",), "async"),
        ("command", ("app",), "plain"),  # of several frameworks: what is safe
        ("context_processor", (), "plain"),
        ("fixture", ("pytest",), "plain"),
        ("cached", ("fastapi",), None),
        ("websocket", ("sanic",), "async"),  # it makes a task of what the function returns
        ("event", ("slack_bolt",), "async"),
    ],
)
def test_functions_passed_to_a_decorator(decorator: str, imported: tuple[str, ...], kind: str | None) -> None:
    """The framework that the file imports takes precedence."""
    assert takes([decorator], imported) == kind


def test_a_typo_in_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('modules = ["x"]\neiher = ["get"]\n', "utf-8")
    with pytest.raises(msgspec.ValidationError, match="eiher"):
        decoded(tmp_path / "x.toml")


def test_what_rules_ask() -> None:
    """Nothing that rules knew is lost."""
    assert {"homeassistant", "fastapi", "starlette", "aiohttp", "discord", "sanic", "quart"} <= awaiting()
    packages, ends = closing()
    assert packages == {"fastapi", "starlette", "litestar", "sse_starlette", "quart"}
    assert ends == {"Depends", "StreamingResponse", "EventSourceResponse"}
    assert driving() == {"fixture", "Provide"}
