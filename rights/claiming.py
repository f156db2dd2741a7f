"""Granting rights to members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from brands import Directory, Right, directory, keep_models
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from core.refusals import IdempotencyConflict, InsufficientPoints, KeyUnusable, key_usable
from ledger import spendable
from members import Membership, MembershipStatus, memberships
from rights.claims import Claim, Terms, terms
from rights.errors import ClaimRefusal, SoldOut
from rights.grants import BY_KEY, Grant, grant_of, read_grants
from rights.legs import Leg, grant_legs
from rights.ports import SILENT, Outbox
from rights.posting import net_debit_cap_reached, post_legs

_INSERTED = (
    "id",
    "right_id",
    "membership_id",
    "claimant_id",
    "idempotency_key",
    "uses",
    "price_program_id",
    "price",
    "funding_micro",
    "granted_at",
    "valid_from",
    "valid_until",
)
_INSERT = f"""
INSERT INTO rights_grant ({", ".join(_INSERTED)})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::uuid[], $8::bigint[],
    $9::bigint[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
RETURNING id, handle
"""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A grant about to be posted."""

    id: UUID
    claim: Claim
    terms: Terms
    legs: tuple[Leg, ...]
    model: str
    """The settlement model in which it stands."""


@dataclass(slots=True)
class _Bulk:
    """What the claims of one bulk are decided on."""

    directory: Directory
    memberships: Mapping[UUID, Sequence[Membership]]
    """The open ones, by member."""
    instant: datetime
    known: dict[tuple[UUID, str], "Grant | _Draft"] = field(default_factory=dict)
    """By member and key: granted before, or drafted in this bulk."""


async def claim(database: Database, wish: Claim, *, outbox: Outbox = SILENT) -> Grant | ClaimRefusal:
    """One grant; see `claim_many`."""
    return (await claim_many(database, [wish], outbox=outbox))[0]


async def claim_many(
    database: Database, claims: Sequence[Claim], *, outbox: Outbox = SILENT
) -> list[Grant | ClaimRefusal]:
    """A grant or a refusal for each claim, in order, in one commit.

    A key that was used before returns its grant when the content is the same, IdempotencyConflict otherwise.
    """
    if not claims:
        return []
    async with database.transaction() as connection:
        await lock_keys(connection, "rights.claim", (f"{wish.member_id}/{wish.idempotency_key}" for wish in claims))
        bulk = await _read(connection, claims, database.clock.now())
        decisions = [_decide(bulk, wish) for wish in claims]
        drafts = {decision.id: decision for decision in decisions if isinstance(decision, _Draft)}
        settled = await _keep(connection, database, bulk, drafts)
        if made := [verdict for verdict in settled.values() if isinstance(verdict, Grant)]:
            await outbox.granted(connection, made)
        return [settled[d.id] if isinstance(d, _Draft) else d for d in decisions]


async def _read(connection: Connection, claims: Sequence[Claim], instant: datetime) -> _Bulk:
    members, keys = zip(*((wish.member_id, wish.idempotency_key) for wish in claims), strict=True)
    earlier = await read_grants(connection, BY_KEY, members, keys)
    held = await memberships(connection, set(members))
    known: dict[tuple[UUID, str], Grant | _Draft] = {(g.claimant_id, g.idempotency_key): g for g in earlier}
    open_ones = {member: [m for m in cards if m.status is MembershipStatus.ACTIVE] for member, cards in held.items()}
    return _Bulk(await directory(connection), open_ones, instant, known)


def _decide(bulk: _Bulk, wish: Claim) -> Grant | _Draft | ClaimRefusal:
    if not key_usable(wish.idempotency_key):
        return KeyUnusable()
    known = bulk.known.get((wish.member_id, wish.idempotency_key))
    if known is not None:
        return _repeated(bulk.directory, known, wish)
    agreed = terms(bulk.directory, bulk.memberships[wish.member_id], wish, bulk.instant)
    if not isinstance(agreed, Terms):
        return agreed
    draft = _draft(bulk.directory, wish, agreed)
    bulk.known[wish.member_id, wish.idempotency_key] = draft
    return draft


def _repeated(directory: Directory, known: Grant | _Draft, wish: Claim) -> Grant | _Draft | IdempotencyConflict:
    right, program_id = _content(known)
    if right.code != wish.right:
        return IdempotencyConflict("right")
    if wish.pay_with is not None and (program_id is None or directory.programs[program_id].code != wish.pay_with):
        return IdempotencyConflict("pay_with")
    return known


def _content(known: Grant | _Draft) -> tuple[Right, UUID | None]:
    if isinstance(known, Grant):
        return known.right, known.price_program_id
    payment = known.terms.payment
    return known.terms.right, None if payment is None else payment.program.id


def _draft(directory: Directory, wish: Claim, agreed: Terms) -> _Draft:
    grant_id = new_id()
    issuer = directory.participant_of(agreed.right.issuer_id)
    payer_id = issuer.id if agreed.payment is None else agreed.payment.payer.id
    model = directory.settlement_model(payer_id, issuer.id)
    legs = tuple(grant_legs(grant_id, agreed.right, issuer, agreed.payment, model))
    return _Draft(grant_id, wish, agreed, legs, model)


async def _keep(
    connection: Connection, database: Database, bulk: _Bulk, drafts: Mapping[UUID, _Draft]
) -> dict[UUID, Grant | ClaimRefusal]:
    """Post and store the drafts: the grant or the refusal of each."""
    refused = await post_legs(connection, database.clock, {draft.id: draft.legs for draft in drafts.values()})
    granted = await _insert(connection, bulk.instant, [d for d in drafts.values() if d.id not in refused])
    await keep_models(connection, {draft_id: drafts[draft_id].model for draft_id in granted})
    return granted | {
        draft_id: await _why(connection, database.clock, drafts[draft_id], leg) for draft_id, leg in refused.items()
    }


async def _insert(connection: Connection, instant: datetime, drafts: Sequence[_Draft]) -> dict[UUID, Grant]:
    if not drafts:
        return {}
    rows = [_row(draft, instant) for draft in drafts]
    handles = {row["id"]: row["handle"] for row in await connection.fetch(_INSERT, *zip(*rows, strict=True))}
    return {draft.id: _granted(draft, row, handles[draft.id]) for draft, row in zip(drafts, rows, strict=True)}


def _row(draft: _Draft, instant: datetime) -> tuple[object, ...]:
    right, payment = draft.terms.right, draft.terms.payment
    paid = (None, 0) if payment is None else (payment.program.id, payment.price)
    funding = sum(leg.amount for leg in draft.legs if leg.code is Code.RIGHT_FUNDING)
    owner = (draft.terms.membership_id, draft.claim.member_id, draft.claim.idempotency_key)
    return (draft.id, right.id, *owner, right.uses, *paid, funding, instant, *right.validity.window(instant))


def _granted(draft: _Draft, row: Sequence[object], handle: int) -> Grant:
    named = dict(zip(_INSERTED, row, strict=True)) | {"handle": handle}
    return grant_of(named, draft.terms.right, draft.terms.right.uses)


async def _why(connection: Connection, clock: Clock, draft: _Draft, refused: Leg) -> ClaimRefusal:
    payment = draft.terms.payment
    if refused.name == "stock" or payment is None:
        return SoldOut(draft.terms.right.code)
    if refused.name == "funding":
        return await net_debit_cap_reached(connection, refused)
    available = (await spendable(connection, [refused.debit.id], clock=clock))[refused.debit.id]
    return InsufficientPoints(payment.price, available)
