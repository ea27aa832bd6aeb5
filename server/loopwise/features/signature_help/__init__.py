"""Signature help: the parameters of the call around the cursor, and the current one."""

from __future__ import annotations

from loopwise.features.signature_help.help import signature_help
from loopwise.features.signature_help.parts import ParameterInfo, SignatureInfo

__all__ = [
    "ParameterInfo",
    "SignatureInfo",
    "signature_help",
]
