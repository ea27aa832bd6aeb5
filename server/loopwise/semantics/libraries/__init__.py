"""Libraries: what the packages of a project's environment define, read as text and known by summaries."""

from __future__ import annotations
