"""The features of an editor: a package or module each, with one public function; no protocol."""

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
