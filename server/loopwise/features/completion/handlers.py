"""Recognizes functions that no code awaits: those called by a framework, and entry points."""

from __future__ import annotations

import re

from loopwise.semantics.bindings import File
from loopwise.syntax import Node, decorators_of, text_of

_RUN = rb"\b(?:asyncio\.run|run_until_complete)\(\s*"
# Methods of objects by which frameworks take functions that they call themselves: Flask, FastAPI, aiohttp, Sanic,
# Quart, discord.py, aiogram, Telethon, Socket.IO, Celery, arq, pytest.
_REGISTERS = frozenset(
    "get post put delete patch head options route websocket api_route add_url_rule before_request after_request"
    " event on on_event listen listener command group message message_handler callback_query handler handle"
    " middleware exception_handler errorhandler task job cron fixture subscriber subscribe startup shutdown".split()
)
_DECORATOR = re.compile(r"@?\s*(?:\w+\.)+(?P<method>\w+)\s*(?:\(|$)")


def is_handler(node: Node) -> bool:
    """Does a decorator register the function with a framework: ``@app.get("/")``, ``@bot.event``?"""
    for decorator in decorators_of(node):
        found = _DECORATOR.match(text_of(decorator))
        if found is not None and found["method"] in _REGISTERS:
            return True
    return False


def runs_program(file: File, name: bytes) -> bool:
    """Is a function passed to ``asyncio.run``, or named as if it were?"""
    return name == b"main" or re.search(_RUN + re.escape(name) + rb"\b", file.source.data) is not None
