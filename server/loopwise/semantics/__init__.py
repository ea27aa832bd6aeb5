"""The meaning of code: bindings, values, other modules, public asyncio names.  No module here knows an editor."""

__all__ = [
    "bindings",
    "index",
    "infer",
    "libraries",
    "modules",
    "oracle",
    "symbols",
]
