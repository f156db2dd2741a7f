"""Codes that change every half minute: the time-based one-time password of RFC 6238 with HMAC-SHA256."""

import hmac
from datetime import datetime
from typing import Final

STEP_SECONDS: Final = 30
"""How long one code is shown."""

STEPS_ACCEPTED: Final = 2
"""The current step and the one before it: time to walk from the screen to the scanner."""

_OFFSET_MASK = 0xF
_SIGN_MASK = 0x7FFF_FFFF_FFFF_FFFF
_TAKEN_BYTES = 8


def step_at(instant: datetime) -> int:
    """The number of whole steps since 1970."""
    return int(instant.timestamp()) // STEP_SECONDS


def proof_of(key: bytes, step: int, digits: int) -> str:
    """The digits of one step: RFC 4226's dynamic truncation, of eight bytes in place of four."""
    digest = hmac.digest(key, step.to_bytes(8), "sha256")
    offset = digest[-1] & _OFFSET_MASK
    number = int.from_bytes(digest[offset : offset + _TAKEN_BYTES]) & _SIGN_MASK
    return f"{number % 10**digits:0{digits}d}"


def accepted(key: bytes, proof: str, instant: datetime) -> bool:
    """Whether `proof` is that of a step which is still accepted at `instant`."""
    newest = step_at(instant)
    steps = range(newest, newest - STEPS_ACCEPTED, -1)
    return any(hmac.compare_digest(proof_of(key, step, len(proof)), proof) for step in steps)
