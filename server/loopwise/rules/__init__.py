"""Rules: one rule per file, in a folder for each family; collected by :mod:`~loopwise.rules.registry`."""

__all__ = [
    "fixes",
    "lost",
    "newer",
    "pages",
    "peers",
    "registry",
    "rule_card",
]
