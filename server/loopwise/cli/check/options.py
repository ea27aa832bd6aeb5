"""The options of ``loopwise check`` that concern the files of a root."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import msgspec

from loopwise.cli.arguments import editor_settings
from loopwise.diagnosis.selection import unknown_rules
from loopwise.memo import Memo
from loopwise.project import Root, Workspace
from loopwise.settings import Settings


class CheckOptions(msgspec.Struct, frozen=True):
    """The options; they are sent to other processes."""

    target: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fix: bool = False
    unsafe: bool = False

    @classmethod
    def of(cls, options: argparse.Namespace) -> CheckOptions:
        return cls(
            options.target_version,
            listed(options.select),
            listed(options.ignore),
            listed(options.extend_select),
            options.fix or options.diff,
            options.unsafe_fixes,
        )

    def workspace(self, folders: Iterable[Path], memo: Memo | None = None, loose: Iterable[Path] = ()) -> Workspace:
        """A new workspace, with the options as an editor's settings."""
        made = Workspace(folders, unknown_rules, memo, loose=loose)
        made.configure({None: editor_settings(argparse.Namespace(target_version=self.target))})
        return made

    def root(self, workspace: Workspace, folder: Path) -> Root:
        """One of its roots, with the rules that the options select."""
        root = workspace.root(folder)
        root.settings = self._settings(root.settings)
        return root

    def _settings(self, own: Settings) -> Settings:
        """The project's settings, changed by the options.

        ``--select`` replaces the project's selection and ignores, and shows what companions report too; without it the
        options add to the project's settings.
        """
        if self.select:
            return msgspec.structs.replace(
                own, select=self.select, ignore=self.ignore, extend_select=self.extend_select, companion="off"
            )
        if not self.ignore and not self.extend_select:
            return own
        return msgspec.structs.replace(
            own, ignore=own.ignore + self.ignore, extend_select=own.extend_select + self.extend_select
        )


def listed(given: Iterable[str] | None) -> tuple[str, ...]:
    """``["a,b", "c"]`` -> ``("a", "b", "c")``."""
    return tuple(part.strip() for text in given or () for part in text.split(",") if part.strip())
