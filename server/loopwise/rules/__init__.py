"""Rules: one file, one rule, in a folder for each family; found by :mod:`~loopwise.rules.registry`."""

__all__ = [
    "fixes",
    "lost",
    "newer",
    "pages",
    "peers",
    "registry",
    "rule_card",
]
