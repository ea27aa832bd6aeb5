"""What an editor asks for: a package or module for each feature, each with one public function; no protocol."""

__all__ = [
    "completion",
    "highlights",
    "hover",
    "lookup",
    "prepare",
    "signature_help",
    "suspensions",
    "tracebacks",
]
