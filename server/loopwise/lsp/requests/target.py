"""For which Pythons a file is, for a client's status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loopwise.lsp.requests.asked import asked_of

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


def target(session: Session, params: Any) -> dict[str, Any]:
    """The Pythons of a file, or of the first folder; ``assumed`` where nothing in the project says them."""
    found = session.root(asked_of(params).uri).target
    return {"pythons": str(found), "assumed": found.assumed}
