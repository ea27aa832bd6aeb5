"""What the options of ``loopwise check`` ask for, as far as the files of a root are concerned."""

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
    """Goes to other processes."""

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

    def workspace(self, folders: Iterable[Path], memo: Memo | None = None) -> Workspace:
        """A workspace of its own, with the options as an editor's settings."""
        made = Workspace(folders, unknown_rules, memo)
        made.configure({None: editor_settings(argparse.Namespace(target_version=self.target))})
        return made

    def root(self, workspace: Workspace, folder: Path) -> Root:
        """A root of it, which selects what the options say."""
        root = workspace.root(folder)
        root.settings = self._settings(root.settings)
        return root

    def _settings(self, own: Settings) -> Settings:
        """The project's settings as the options change them.

        ``--select`` takes the place of what the project selects and ignores, and shows what companions report too;
        without it the options add to what the project says.
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
