"""A changed configuration that waits for a second person."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from brands.adapter.adapter import Adapter
from brands.certifications import adapter_digest
from brands.change import Change
from brands.pricing.proposal import Decision


@dataclass(frozen=True, slots=True)
class Checked:
    """A configuration that could be submitted; nothing was kept."""

    program_id: UUID
    adapter: Adapter
    changes: tuple[Change, ...]
    """What it would change of what is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What was submitted and what became of it; the decision's fields are None while it is open."""

    id: UUID
    number: int
    """For people, from 1."""
    program_id: UUID
    adapter: Adapter
    follows: bytes
    """Digest of the configuration that it is to replace."""
    digest: str
    """Of all that is proposed: who approves names it."""
    submitted_by: str
    submitted_at: datetime
    reason: str
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decided_reason: str | None = None


def digest_of(program_id: UUID, adapter: Adapter, follows: bytes) -> str:
    """SHA-256 over the program, what it follows and the whole configuration."""
    return hashlib.sha256(program_id.bytes + follows + adapter_digest(adapter)).hexdigest()


def changes_between(before: Adapter, after: Adapter) -> tuple[Change, ...]:
    """What is other, in the words of a network file and in the order of their paths."""
    old, new = dict(_facts("", before)), dict(_facts("", after))
    paths = sorted(old.keys() | new.keys())
    return tuple(Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path))


def _facts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text, number and flag below a path; what is not written is not told."""
    built = msgspec.to_builtins(value, str_keys=True, enc_hook=str) if isinstance(value, Adapter) else value
    if isinstance(built, Mapping):
        for key, item in built.items():
            yield from _facts(f"{path}.{key}" if path else str(key), item)
    elif isinstance(built, list | tuple):
        if built:
            yield path, ", ".join(map(str, built))
    elif built is not None:
        yield path, str(built)
