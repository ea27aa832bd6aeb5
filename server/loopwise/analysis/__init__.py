"""The building blocks of rules: a rule's shape, the unit it checks, and questions about asyncio code."""

__all__ = [
    "asyncio",
    "blocking",
    "execution_context",
    "flow",
    "known_names",
    "prefilter",
    "rule",
    "unit",
]
