"""What the commands have in common: how arguments are read, and how a mistake in them is told."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Mapping
from typing import NoReturn

import msgspec

from loopwise.settings import TargetText


class Refused(Exception):
    """Input that cannot be used; the text is one line that says what, where, and what to write instead."""


class Parser(argparse.ArgumentParser):
    """argparse with complaints of one line."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.appendix: Callable[[], str] = str
        """The end of the help text, for what takes time to find out."""

    def format_help(self) -> str:
        return super().format_help() + self.appendix()

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (`{self.prog} -h` shows how it is used)\n")


def add_answer(parser: Parser) -> None:
    """``--format``, ``--target-version`` and the hidden ``--svg``."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text to read (the default), or JSON for programs"
    )
    add_target(parser)
    add_picture(parser)


def add_target(parser: Parser) -> None:
    parser.add_argument(
        "--target-version",
        type=_target_version,
        metavar="VERSION",
        help="the Pythons that your code runs on: 3.12, 3.11-3.14 or '>=3.11' (default: what the project says)",
    )


def add_picture(parser: Parser) -> None:
    parser.add_argument("--svg", metavar="FILE", help=argparse.SUPPRESS)


def json_keys(answer: type[msgspec.Struct], **lists: type[msgspec.Struct]) -> str:
    """The end of a help text: what ``--format json`` gives, and what each of its ``lists`` is made of.

    The structs say what each key means.
    """
    said = f"With --format json: one object with the keys {', '.join(answer.__struct_fields__)}."
    for key, entry in lists.items():
        said += f" Each of {key} has the keys {', '.join(entry.__struct_fields__)}."
    return "\n" + textwrap.fill(said, 80) + "\n"


def editor_settings(options: argparse.Namespace) -> Mapping[str, object]:
    """The options that stand for an editor's settings, to go before those of pyproject.toml."""
    return {"target-version": options.target_version} if options.target_version else {}


def _target_version(text: str) -> str:
    try:
        checked: str = msgspec.convert(text, TargetText)
    except msgspec.ValidationError:
        message = f"{text!r} is no Python 3 version: write one such as 3.12, a span such as 3.11-3.14, or '>=3.11'"
        raise argparse.ArgumentTypeError(message) from None
    return checked
