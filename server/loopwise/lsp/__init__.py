"""The language server: protocol in, protocol out.  The only importer of pygls and lsprotocol."""

__all__ = [
    "demo",
    "server",
    "transport",
]
