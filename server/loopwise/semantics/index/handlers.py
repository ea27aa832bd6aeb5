"""Recognizes functions that a framework calls, and that no code awaits."""

from __future__ import annotations

import re

from loopwise.syntax import Node, decorators_of, text_of

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
