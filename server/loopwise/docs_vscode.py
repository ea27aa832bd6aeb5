"""The settings of the VS Code extension: the `configuration` block of its package.json."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk
from loopwise.settings import Field, fields

_PACKAGE = Path(__file__).resolve().parents[2] / "vscode-client" / "package.json"
_TITLES = {
    "": "Rules and project",
    "hover": "Hover",
    "completion": "Completion",
    "signature-help": "Signature help",
    "diagnostics": "Diagnostics",
    "code-lens": "Code lenses",
    "inlay-hints": "Inlay hints",
    "jedi": "Other libraries",
}

# Those of the extension itself; the server never sees them.
_CLIENT = {
    "interpreter": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "scope": "machine-overridable",
        "markdownDescription": "The Python (3.10 or newer) that runs the server, with optional arguments, such as "
        '`["${workspaceFolder}/.venv/bin/python"]`.\n\n'
        "If it is empty: the interpreter selected in the Python extension, otherwise `python3` or `python`. "
        "`${workspaceFolder}`, `${userHome}` and `${env:NAME}` are expanded.",
    },
    "importStrategy": {
        "type": "string",
        "enum": ["useBundled", "fromEnvironment"],
        "markdownEnumDescriptions": [
            "The server bundled with the extension.",
            "The `loopwise` installed for the interpreter, if there is one.",
        ],
        "default": "useBundled",
        "scope": "machine-overridable",
        "markdownDescription": "Which server to run.",
    },
    "trace.server": {
        "type": "string",
        "enum": ["messages", "verbose"],
        "default": "messages",
        "scope": "window",
        "markdownDescription": "How much of the protocol is logged when the log level of the *Loopwise* output channel "
        "is *Trace*.",
    },
}

# What VS Code's JSON editor proposes as a value, the most usual first.
_EXAMPLES: dict[str, tuple[Any, ...]] = {
    "target-version": ("3.11-3.14", ">=3.11", "py312"),
    "environment": (".venv", "/opt/venvs/app/bin/python"),
    "knowledge": (["docs/asyncio-notes.md"],),
    "select": (["ALL"], ["LW1", "blocking-sleep"]),
    "extend-select": (["unused-async"], ["LW3"]),
    "ignore": (["LW5"], ["busy-wait"]),
    "per-file-ignores": ({"tests/**": ["LW2"]}, {"scripts/*.py": ["blocking-sleep", "LW110"]}),
    "severity": ({"blocking-sleep": "error"}, {"LW5": "off"}),
    "exclude": (["generated/"], ["vendor/**", "!vendor/ours"]),
    "companion": ("off", ["ruff", "mypy"]),
    "blocking": ({"acme.db.query": "acme.aio.query"}, {"acme.db.*": ""}),
}


def package(describe: Callable[[Field], str]) -> dict[Path, str]:
    """The expected package.json; empty if there is none, as in a distribution of the server alone."""
    if not _PACKAGE.exists():
        return {}
    manifest = json.loads(disk.text(_PACKAGE))
    manifest["contributes"]["configuration"] = list(_groups(describe))
    return {_PACKAGE: _laid_out(manifest)}


def editor_key(field: Field) -> str:
    """``completion.through-await`` -> ``loopwise.completion.throughAwait``."""
    return "loopwise." + re.sub(r"-(\w)", lambda hyphen: hyphen[1].upper(), field.key)


def _groups(describe: Callable[[Field], str]) -> Iterator[dict[str, Any]]:
    yield _group(0, "Server", {f"loopwise.{key}": value for key, value in _CLIENT.items()})
    for order, (prefix, title) in enumerate(_TITLES.items(), 1):
        held = [field for field in fields() if field.key.rpartition(".")[0] == prefix]
        yield _group(order, title, {editor_key(field): _property(field, describe(field)) for field in held})


def _group(order: int, title: str, properties: dict[str, Any]) -> dict[str, Any]:
    ordered = {key: {"order": index, **value} for index, (key, value) in enumerate(properties.items())}
    return {"id": f"loopwise.{order}", "title": title, "order": order, "properties": ordered}


def _property(field: Field, text: str) -> dict[str, Any]:
    default = msgspec.to_builtins(field.default)
    examples = _EXAMPLES.get(field.key, ())
    shown = f"\n\nExample: `{json.dumps(editor_key(field))}: {json.dumps(examples[0])}`." if examples else ""
    return {
        **_schema(msgspec.json.schema(field.type)),
        "default": list(default) if isinstance(default, tuple) else default,
        **({"examples": list(examples)} if examples else {}),
        "scope": "resource",
        "markdownDescription": _as_json(f"{text}\n\nAllowed: {field.allowed}.") + shown,
    }


def _as_json(text: str) -> str:
    """A text whose TOML examples are rewritten as tables in VS Code's settings.json."""
    return re.sub(r"`\{[^`]*\}`", lambda example: example[0].replace('" = ', '": '), text)


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema in the form that VS Code's settings editor renders best: flat, ``null`` as a type, no descriptions."""
    if "anyOf" in schema:
        kinds = [_schema(kind) for kind in schema["anyOf"]]
        if any("items" in kind for kind in kinds):
            return {"anyOf": kinds}  # an `enum` beside the list's `items` would hold for the list too
        joined = {key: value for kind in kinds for key, value in kind.items()}
        return {**joined, "type": [kind["type"] for kind in kinds]}
    kept = {key: value for key, value in schema.items() if key not in {"description", "default"}}
    if "enum" in kept:
        kept = {"type": "string", **kept}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _schema(kept[key])
    return kept


def _laid_out(manifest: dict[str, Any]) -> str:
    """JSON with short values on one line."""
    return _value(manifest, "") + "\n"


def _value(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value:
        return flat
    if indent and len(flat) + len(indent) <= 100:
        return re.sub(r"^\{(.*)\}$", r"{ \1 }", flat)
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {_value(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _value(each, inner) for each in value) + f"\n{indent}]"
