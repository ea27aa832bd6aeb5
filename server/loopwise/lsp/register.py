"""What the server asks of the client: settings, and word of changed files."""

from __future__ import annotations

import asyncio
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
_PATIENCE = 5.0  # seconds for the client to answer
_WATCHED = ("**/*.py", "**/*.pyi", "**/*.md", *(f"**/{name}" for name in SOURCES))


async def watchers(server: Server, client: Capabilities) -> None:
    """Register for changed files and settings with clients that want that said."""
    wanted = []
    if client.registers_files:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in _WATCHED])
        wanted.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if client.registers_configuration:
        section = types.DidChangeConfigurationRegistrationOptions("loopwise")
        wanted.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    if wanted:
        try:
            request = server.client_register_capability_async(types.RegistrationParams(wanted))
            await asyncio.wait_for(request, _PATIENCE)
        except (JsonRpcException, asyncio.TimeoutError) as error:
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
        request = server.workspace_configuration_async(types.ConfigurationParams(items))
        found = await asyncio.wait_for(request, _PATIENCE)
    except (JsonRpcException, asyncio.TimeoutError) as error:
        _log.warning("the client gave no settings: %s", error)
        return None
    return dict(zip((None, *folders), found, strict=False))
