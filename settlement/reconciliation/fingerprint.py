"""What a decision on a break is about."""

import hashlib

import msgspec

from settlement.reconciliation.breaks import Break


def fingerprint(it: Break) -> str:
    """Of all that a decision is about: another one as soon as anything of it changes."""
    seen = (it.kind.value, it.ours, it.theirs, it.value_micro, it.written_off, it.disputed)
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()
