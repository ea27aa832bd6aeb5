"""Shares results from stubs among all workspaces of a process, as in a server that runs for long."""

from __future__ import annotations

from loopwise.project.workspace import Workspace
from loopwise.semantics.infer.evaluator import StubValues
from loopwise.versions import Version

_STUBS: dict[Version, StubValues] = {}


def sharing_stubs(workspace: Workspace) -> Workspace:
    """Let the workspace use results of the others from stubs: the order of requests must not matter."""
    workspace._stubs = _STUBS
    return workspace
