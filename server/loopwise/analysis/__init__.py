"""What rules are made of: the shape of a rule, the unit it looks at, and questions about asyncio code."""

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
