"""Tells the extension what this Python is, in one line of JSON; runs on any Python from 2.7 on."""

import json
import os
import platform
import sys

LIBS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libs")


def suffixes():
    """How the names of native modules end that this Python can load."""
    try:
        from importlib.machinery import EXTENSION_SUFFIXES
    except ImportError:
        return []
    return EXTENSION_SUFFIXES


def fits():
    """Are the bundled libraries built for this Python?"""
    natives = (("tree_sitter", "_binding"), ("msgspec", "_core"), ("tree_sitter_python", "_binding"))
    return all(
        any(os.path.exists(os.path.join(LIBS, package, module + suffix)) for suffix in suffixes())
        for package, module in natives
    )


print(
    json.dumps(
        {
            "executable": sys.executable,
            "version": list(sys.version_info[:3]),
            "implementation": platform.python_implementation(),
            "machine": platform.machine(),
            "fits": fits(),
        }
    )
)
