"""One module for each kind of request; imported when the first such request comes."""

__all__ = [
    "actions",
    "cheatsheet",
    "commands",
    "completion",
    "diagnostics",
    "hover",
    "signature_help",
]
