"""Calls that load certificates from files, or only from memory."""

from __future__ import annotations

from loopwise.syntax import Node, arguments_of, field, text_of

_FILES = ("cafile", "capath")


def reads_certificates(call: Node) -> bool:
    """Does a call read certificates from disk: files that it names, or those of the system?

    ``create_default_context`` loads the system's certificates unless it gets others, or is for a server, which asks
    its clients for none.
    """
    positional, keywords, starred = arguments_of(call)
    callee = field(call, "function")
    if starred or callee is None:
        return True
    is_context = text_of(callee).endswith("create_default_context")
    named = [keywords[name] for name in _FILES if name in keywords] + ([] if is_context else positional[:2])
    if any(text_of(one) != "None" for one in named):
        return True
    purpose = keywords.get("purpose", positional[0] if positional else None)
    is_server = purpose is not None and text_of(purpose).endswith("CLIENT_AUTH")
    return is_context and not is_server and "cadata" not in keywords
