"""The code a member shows at a till: made offline, changing every half minute, good for one redemption.

Eighteen digits, as scanners for payment codes expect: ten that name the grant, eight that prove it. The proof is
the time-based one-time password of RFC 6238 with HMAC-SHA256, eight digits and steps of 30 seconds; its key is the
grant's own, so that a phone that has been given it needs no network.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from core.secrets import derive_key

STEP_SECONDS: Final = 30
"""How long one code is shown."""

STEPS_ACCEPTED: Final = 2
"""The current step and the one before it: time to walk from the screen to the scanner."""

_HANDLE_DIGITS = 10
_PROOF_DIGITS = 8
_OFFSET_MASK = 0xF
_TRUNCATION_MASK = 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class RightCode:
    """What to show, and until when."""

    text: str
    expires_at: datetime
    """When the next code takes its place on the screen; the till accepts this one for one more step."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A code as a till read it."""

    handle: int
    proof: str


def grant_key(root: bytes, grant_id: UUID) -> bytes:
    """The 32-byte key of one grant's codes."""
    return derive_key(root, f"right-code/{grant_id}")


def code_at(key: bytes, handle: int, instant: datetime) -> RightCode:
    """The code to show at `instant`."""
    step = step_at(instant)
    expires_at = datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)
    return RightCode(f"{handle:0{_HANDLE_DIGITS}d}{proof_of(key, step)}", expires_at)


def read_code(text: str) -> Presented | None:
    """The parts of a scanned code; None when it is not eighteen digits."""
    digits = text.replace(" ", "")
    if len(digits) != _HANDLE_DIGITS + _PROOF_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return Presented(int(digits[:_HANDLE_DIGITS]), digits[_HANDLE_DIGITS:])


def accepted_step(key: bytes, proof: str, instant: datetime) -> int | None:
    """The step whose code `proof` is, when that step is still accepted at `instant`."""
    newest = step_at(instant)
    steps = range(newest, newest - STEPS_ACCEPTED, -1)
    return next((step for step in steps if hmac.compare_digest(proof_of(key, step), proof)), None)


def step_at(instant: datetime) -> int:
    """The number of whole steps since 1970."""
    return int(instant.timestamp()) // STEP_SECONDS


def proof_of(key: bytes, step: int) -> str:
    """The eight digits of one step (RFC 4226's dynamic truncation of HMAC-SHA256)."""
    digest = hmac.digest(key, step.to_bytes(8), "sha256")
    offset = digest[-1] & _OFFSET_MASK
    number = int.from_bytes(digest[offset : offset + 4]) & _TRUNCATION_MASK
    return f"{number % 10**_PROOF_DIGITS:0{_PROOF_DIGITS}d}"
