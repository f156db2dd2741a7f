"""In which settlement model two participants settle with each other.

A model is a closed set of position accounts: what is posted between two participants stands on the accounts of one
model, on both sides, and so in exactly one window of that model.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from brands.operator import OPERATOR_ID
from core.database import Connection
from core.ids import new_id

NETWORK_MODEL: Final = "network"
"""Where everybody settles who has agreed on nothing else."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Which model a participant, or a pair of participants, settles in."""

    participant_id: UUID
    other_id: UUID | None
    """The other one of a pair; None: the participant with everybody in the same model."""
    model: str


@dataclass(frozen=True, slots=True)
class SettlementModels:
    """Who settles in which model, as agreed now."""

    own: Mapping[UUID, str] = field(default_factory=dict)
    """By participant; those that are missing settle in the network's model."""
    pairs: Mapping[frozenset[UUID], str] = field(default_factory=dict)

    @classmethod
    def of(cls, memberships: Iterable[Membership]) -> "SettlementModels":
        """Index them."""
        found = list(memberships)
        return cls(
            {it.participant_id: it.model for it in found if it.other_id is None},
            {frozenset({it.participant_id, it.other_id}): it.model for it in found if it.other_id is not None},
        )

    def between(self, one: UUID, other: UUID) -> str:
        """The pair's own agreement; else the model that both are in; else the network's. The operator is in all."""
        if not self.own and not self.pairs:
            return NETWORK_MODEL
        agreed = self.pairs.get(frozenset({one, other})) if self.pairs else None
        if agreed is not None:
            return agreed
        mine, theirs = self._own(one, other), self._own(other, one)
        return mine if mine == theirs else NETWORK_MODEL

    def _own(self, participant: UUID, other: UUID) -> str:
        asked = other if participant == OPERATOR_ID else participant
        return self.own.get(asked, NETWORK_MODEL)


async def agree_on_models(connection: Connection, memberships: Iterable[Membership], at: datetime, source: str) -> None:
    """Put memberships into force for everything accepted from now on. What was accepted before stays where it is."""
    rows = [(new_id(), *_ordered(it), it.model, at) for it in memberships]
    await connection.executemany(_AGREE, rows)
    await connection.execute(_REVISION, new_id(), source, at)


async def keep_models(connection: Connection, models: Mapping[UUID, str]) -> None:
    """Remember in which model new exchanges, grants and redemptions stand. Nothing is written for the network's own."""
    others = {key: model for key, model in models.items() if model != NETWORK_MODEL}
    if others:
        await connection.execute(_KEEP, list(others), list(others.values()))


async def models_of(connection: Connection, references: Collection[UUID]) -> dict[UUID, str]:
    """In which model each exchange, grant or redemption stands: all its postings are on the accounts of that one."""
    found = {row["reference"]: row["model"] for row in await connection.fetch(_OF, list(references))}
    return {key: found.get(key, NETWORK_MODEL) for key in references}


def _ordered(it: Membership) -> tuple[UUID, UUID | None]:
    if it.other_id is None:
        return it.participant_id, None
    first, second = sorted((it.participant_id, it.other_id))
    return first, second


_AGREE = """
INSERT INTO brands_settlement (id, participant_id, other_id, model, agreed_at) VALUES ($1, $2, $3, $4, $5)
"""

# Every process reads the directory anew.
_REVISION = "INSERT INTO brands_revision (id, source, changes, made_at) VALUES ($1, $2, '[]', $3)"

_KEEP = "INSERT INTO brands_settled (reference, model) SELECT * FROM unnest($1::uuid[], $2::text[])"

_OF = "SELECT reference, model FROM brands_settled WHERE reference = ANY($1::uuid[])"
