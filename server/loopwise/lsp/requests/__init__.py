"""One module per kind of request, imported by the first such request."""

__all__ = [
    "actions",
    "calls",
    "cheatsheet",
    "commands",
    "completion",
    "concurrency_map",
    "conversions",
    "diagnostics",
    "hover",
    "lenses",
    "marks",
    "signature_help",
    "target",
]
