"""Signature help: what the call around the cursor takes, and which of it comes now."""

from __future__ import annotations

from loopwise.features.signature_help.help import signature_help
from loopwise.features.signature_help.parts import ParameterInfo, SignatureInfo

__all__ = [
    "ParameterInfo",
    "SignatureInfo",
    "signature_help",
]
