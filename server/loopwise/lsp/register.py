"""The server's requests to the client: its settings, and notifications of changed files."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import from_fs_path

from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.settings import SOURCES

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)
# Markdown for the project's own cards, and the files that decide settings and the target.
_WATCHED = ("**/*.py", "**/*.pyi", "**/*.md", *(f"**/{name}" for name in SOURCES))


async def watchers(server: Server, client: Capabilities) -> None:
    """Register for changed files and settings with clients that need it."""
    wanted = []
    if client.registers_files:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in _WATCHED])
        wanted.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if client.registers_configuration:
        section = types.DidChangeConfigurationRegistrationOptions("loopwise")
        wanted.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    if wanted:
        try:
            await server.client_register_capability_async(types.RegistrationParams(wanted))
        except JsonRpcException as error:
            _log.warning("the client did not register %s: %s", [r.method for r in wanted], error)


async def pull_settings(
    server: Server, client: Capabilities, folders: Sequence[Path]
) -> dict[Path | None, object] | None:
    """The client's ``loopwise`` settings, for all (``None``) and for each folder; ``None`` if it cannot be asked."""
    if not client.configuration:
        return None
    items = [types.ConfigurationItem(section="loopwise")]
    items += [types.ConfigurationItem(from_fs_path(str(folder)), "loopwise") for folder in folders]
    try:
        found: object = await server.workspace_configuration_async(types.ConfigurationParams(items))
    except JsonRpcException as error:
        _log.warning("the client returned no settings: %s", error)
        return None
    values = found if isinstance(found, (list, tuple)) else ()  # some clients answer null
    return dict(zip((None, *folders), values, strict=False))
