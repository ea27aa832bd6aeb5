"""Open documents and roots, and a consistent view of one file with everything known around it."""

from __future__ import annotations

from loopwise.project.document import Document
from loopwise.project.ignored import Ignored
from loopwise.project.notebook import Cell, Notebook
from loopwise.project.root import Root
from loopwise.project.view import View
from loopwise.project.workspace import Workspace

__all__ = [
    "Cell",
    "Document",
    "Ignored",
    "Notebook",
    "Root",
    "View",
    "Workspace",
]
