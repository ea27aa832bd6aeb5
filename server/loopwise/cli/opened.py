"""Opens the file and place that a command is given, as an editor would."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from loopwise.cli.arguments import editor_settings
from loopwise.cli.place import Place, offset_of, parse_place, read_document
from loopwise.diagnosis.selection import unknown_rules
from loopwise.project import Document, Workspace


class Opened(NamedTuple):
    """A place in an open document; ``offset`` counts bytes."""

    place: Place
    document: Document
    offset: int
    workspace: Workspace


def opened(options: argparse.Namespace) -> Opened:
    """Parse and open ``FILE:LINE:COLUMN``; raises ``Refused`` if there is no such place."""
    place = parse_place(options.place)
    document = read_document(place.file)
    offset = offset_of(document, place)
    workspace = Workspace(check=unknown_rules)
    workspace.configure({None: editor_settings(options)})
    workspace.open(document)
    return Opened(place, document, offset, workspace)
