"""One module for each kind of request; imported when the first such request comes."""

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
