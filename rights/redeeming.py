"""Honouring rights at a till."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from brands import Directory, directory, keep_models
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from core.refusals import IdempotencyConflict, KeyUnusable, key_usable
from rights.code import STEPS_ACCEPTED, Presented, accepted_step, grant_key, proof_of, read_code, step_at
from rights.errors import (
    CodeUsed,
    GrantExpired,
    NotHonouredHere,
    NotYetValid,
    RedemptionRefusal,
    UnknownCode,
    UsesExhausted,
)
from rights.grants import BY_HANDLE, Grant, read_grants
from rights.legs import Leg, redemption_legs, settlement_micro
from rights.ports import SILENT, Honoured, Outbox
from rights.posting import net_debit_cap_reached, post_legs
from rights.redemptions import BY_KEY, INSERT, SINCE_STEP, Redeemed, Redemption, read_redemptions, row_of


@dataclass(frozen=True, slots=True)
class _Bulk:
    """What the redemptions of one bulk are decided on, and what has been decided."""

    root_key: bytes
    directory: Directory
    instant: datetime
    grants: dict[int, Grant]
    """By handle."""
    by_key: dict[tuple[str, str], Redeemed]
    """Redeemed before, or drafted in this bulk."""
    by_step: dict[tuple[UUID, int], Redeemed]
    """By the code that was used."""
    drafts: dict[UUID, tuple[Redeemed, tuple[Leg, ...]]] = field(default_factory=dict)
    """What this bulk is about to post."""
    models: dict[UUID, str] = field(default_factory=dict)
    """In which settlement model each of them stands."""


async def redeem(
    database: Database, root_key: bytes, wish: Redemption, *, outbox: Outbox = SILENT
) -> Redeemed | RedemptionRefusal:
    """One redemption; see `redeem_many`."""
    return (await redeem_many(database, root_key, [wish], outbox=outbox))[0]


async def redeem_many(
    database: Database, root_key: bytes, wishes: Sequence[Redemption], *, outbox: Outbox = SILENT
) -> list[Redeemed | RedemptionRefusal]:
    """A redemption or a refusal for each wish, in order, in one commit.

    The caller answers for it that the client may act for the brand. A key that was used before returns its
    redemption when code and brand are the same, even when the code's time is over; IdempotencyConflict otherwise.
    """
    if not wishes:
        return []
    async with database.transaction() as connection:
        bulk = await _read(connection, root_key, wishes, database.clock.now())
        decisions = [_decide(bulk, wish) for wish in wishes]
        refused = await _keep(connection, database, bulk)
        if made := _honoured(bulk, refused):
            await outbox.redeemed(connection, made)
        return [refused.get(d.id, d) if isinstance(d, Redeemed) else d for d in decisions]


async def _read(connection: Connection, root_key: bytes, wishes: Sequence[Redemption], instant: datetime) -> _Bulk:
    handles = {shown.handle for wish in wishes if (shown := read_code(wish.code))}
    await lock_keys(connection, "rights.redeem", (f"{wish.client_id}/{wish.idempotency_key}" for wish in wishes))
    await lock_keys(connection, "rights.handle", map(str, handles))
    clients, keys = zip(*((wish.client_id, wish.idempotency_key) for wish in wishes), strict=True)
    earlier = await read_redemptions(connection, BY_KEY, clients, keys)
    grants = await read_grants(connection, BY_HANDLE, list(handles))
    recent = step_at(instant) - STEPS_ACCEPTED
    used = await read_redemptions(connection, SINCE_STEP, [grant.id for grant in grants], recent)
    return _Bulk(
        root_key,
        await directory(connection),
        instant,
        {grant.handle: grant for grant in grants},
        {(redeemed.client_id, redeemed.idempotency_key): redeemed for redeemed in earlier},
        {(redeemed.grant_id, redeemed.code_step): redeemed for redeemed in used},
    )


def _decide(bulk: _Bulk, wish: Redemption) -> Redeemed | RedemptionRefusal:
    if not key_usable(wish.idempotency_key):
        return KeyUnusable()
    shown = read_code(wish.code)
    grant = None if shown is None else bulk.grants.get(shown.handle)
    known = bulk.by_key.get((wish.client_id, wish.idempotency_key))
    if known is not None:
        return _repeated(bulk, known, wish, shown, grant)
    if shown is None or grant is None:
        return UnknownCode()
    return _first(bulk, wish, shown, grant)


def _repeated(
    bulk: _Bulk, known: Redeemed, wish: Redemption, shown: Presented | None, grant: Grant | None
) -> Redeemed | IdempotencyConflict:
    if known.brand_id != wish.brand_id:
        return IdempotencyConflict("brand")
    if shown is None or grant is None or grant.id != known.grant_id:
        return IdempotencyConflict("code")
    proof = proof_of(grant_key(bulk.root_key, grant.id), known.code_step)
    return known if compare_digest(proof, shown.proof) else IdempotencyConflict("code")


def _first(bulk: _Bulk, wish: Redemption, shown: Presented, grant: Grant) -> Redeemed | RedemptionRefusal:
    step = accepted_step(grant_key(bulk.root_key, grant.id), shown.proof, bulk.instant)
    if step is None:
        return UnknownCode()
    used = bulk.by_step.get((grant.id, step))
    if used is not None:
        return CodeUsed(used.id)
    refusal = _barred(bulk, wish, grant)
    return refusal or _draft(bulk, wish, grant, step)


def _barred(bulk: _Bulk, wish: Redemption, grant: Grant) -> NotHonouredHere | NotYetValid | GrantExpired | None:
    if not bulk.directory.honours(grant.right, wish.brand_id):
        return NotHonouredHere(grant.right.code)
    if bulk.instant < grant.valid_from:
        return NotYetValid(grant.valid_from)
    return GrantExpired(grant.valid_until) if grant.valid_until <= bulk.instant else None


def _draft(bulk: _Bulk, wish: Redemption, grant: Grant, step: int) -> Redeemed:
    issuer, honourer = (bulk.directory.participant_of(brand) for brand in (grant.right.issuer_id, wish.brand_id))
    settlement = settlement_micro(grant.right, issuer, honourer)
    owner = (grant.id, wish.brand_id, wish.client_id, wish.idempotency_key)
    draft = Redeemed(new_id(), *owner, step, settlement, bulk.instant)
    model = bulk.models[draft.id] = bulk.directory.settlement_model(issuer.id, honourer.id)
    bulk.drafts[draft.id] = draft, tuple(redemption_legs(grant.id, grant.right, issuer, honourer, model))
    bulk.by_key[wish.client_id, wish.idempotency_key] = draft
    bulk.by_step[grant.id, step] = draft
    return draft


async def _keep(connection: Connection, database: Database, bulk: _Bulk) -> dict[UUID, RedemptionRefusal]:
    """Post and store the drafts; the refusals among them, by id."""
    groups = {draft.id: legs for draft, legs in bulk.drafts.values()}
    refused = await post_legs(connection, database.clock, groups)
    posted = [row_of(draft) for draft, _ in bulk.drafts.values() if draft.id not in refused]
    if posted:
        await connection.execute(INSERT, *zip(*posted, strict=True))
        await keep_models(connection, {key: model for key, model in bulk.models.items() if key not in refused})
    return {draft_id: await _why(connection, leg) for draft_id, leg in refused.items()}


def _honoured(bulk: _Bulk, refused: Mapping[UUID, RedemptionRefusal]) -> list[Honoured]:
    grants = {grant.id: grant for grant in bulk.grants.values()}
    made = (draft for draft, _ in bulk.drafts.values() if draft.id not in refused)
    return [Honoured(draft, grants[draft.grant_id]) for draft in made]


async def _why(connection: Connection, refused: Leg) -> RedemptionRefusal:
    if refused.name == "use":
        return UsesExhausted()
    return await net_debit_cap_reached(connection, refused)
