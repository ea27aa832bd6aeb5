"""Shared by all commands: parsing of arguments, and messages about mistakes in them."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import msgspec

from loopwise.cli.printable import printable
from loopwise.settings import TargetText


class Refused(Exception):
    """Input that cannot be used; the text is one line with the problem, its place and the remedy."""


class Parser(argparse.ArgumentParser):
    """argparse with one-line error messages."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.appendix: Callable[[], str] = str
        """Makes the end of the help text; a function, because it takes time."""

    def format_help(self) -> str:
        return super().format_help() + self.appendix()

    def options(self, given: Sequence[str]) -> argparse.Namespace:
        """Like ``parse_args``, but the error for an unknown option suggests a similar one."""
        options, unknown = self.parse_known_args(given)
        if unknown:
            self.error(self._unknown(unknown[0]))
        return options

    def _unknown(self, given: str) -> str:
        from difflib import get_close_matches  # Only a mistake needs it.

        if not given.startswith("-"):
            return f"Unexpected argument `{given}`"
        close = get_close_matches(given.partition("=")[0], list(self._option_string_actions), 1)
        return f"Unknown option `{given}`" + (f": did you mean `{close[0]}`?" if close else "")

    def error(self, message: str) -> NoReturn:
        self.exit(2, complaint(f"{message[:1].upper()}{message[1:]} (see `{self.prog} --help`)"))


def complaint(text: str) -> str:
    """A message for standard error, wrapped for a terminal, which would break it in the middle of words."""
    said = printable(f"loopwise: {text}")
    if sys.stderr.isatty():
        said = textwrap.fill(said, shutil.get_terminal_size().columns, subsequent_indent="  ", break_on_hyphens=False)
    return f"{said}\n"


def add_answer(parser: Parser) -> None:
    """Add ``--format``, ``--target-version`` and the hidden ``--svg``."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text for people (the default), or JSON for programs"
    )
    add_target(parser)
    add_picture(parser)


def add_target(parser: Parser) -> None:
    parser.add_argument(
        "--target-version",
        type=_target_version,
        metavar="VERSION",
        help="the Python versions your code supports: 3.12, 3.11-3.14 or '>=3.11' (default: from the project)",
    )


def add_picture(parser: Parser) -> None:
    parser.add_argument("--svg", metavar="FILE", help=argparse.SUPPRESS)


def json_keys(answer: type[msgspec.Struct], **lists: type[msgspec.Struct]) -> str:
    """The end of a help text: the keys of ``--format json``, and those of the items in each of its ``lists``.

    The meaning of each key is documented in the structs.
    """
    said = f"With --format json: one object with the keys {', '.join(answer.__struct_fields__)}."
    for key, entry in lists.items():
        said += f" Each of {key} has the keys {', '.join(entry.__struct_fields__)}."
    return "\n" + textwrap.fill(said, 80) + "\n"


def editor_settings(options: argparse.Namespace) -> Mapping[str, object]:
    """The options that replace an editor's settings, and so take precedence over pyproject.toml."""
    return {"target-version": options.target_version} if options.target_version else {}


def _target_version(text: str) -> str:
    try:
        checked: str = msgspec.convert(text, TargetText)
    except msgspec.ValidationError:
        message = f"{text!r} is not a Python 3 version: write one such as 3.12, a range such as 3.11-3.14, or '>=3.11'"
        raise argparse.ArgumentTypeError(message) from None
    return checked
