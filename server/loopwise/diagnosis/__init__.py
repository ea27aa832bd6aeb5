"""Findings of a file, and how they are shown: rules are run, selected, suppressed and fixed."""

__all__ = [
    "analyse",
    "companions",
    "fix_all",
    "live",
    "remembered",
    "run",
    "selection",
    "state",
    "suppression",
    "together",
    "verify",
]
