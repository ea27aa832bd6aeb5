"""Loopwise: a language server that knows asyncio."""

__version__ = "0.1.0"
