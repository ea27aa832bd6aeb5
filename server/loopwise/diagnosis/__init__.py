"""What is found in a file, and what of that is shown: rules run, chosen, suppressed, fixed."""

__all__ = [
    "analyse",
    "companions",
    "fix_all",
    "live",
    "run",
    "selection",
    "suppression",
    "together",
    "verify",
]
