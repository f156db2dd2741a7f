"""What must always be true of grants and redemptions; run by `ledger.audit`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from brands import Directory, directory, models_of
from core.codes import Code
from core.database import Connection
from ledger.audit import AuditCheck, Expected, Span, SqlCheck, TransfersOf
from ledger.audit.span import by_transaction
from rights.code import STEP_SECONDS, STEPS_ACCEPTED
from rights.grants import BETWEEN as GRANTS_BETWEEN
from rights.grants import Grant, grants_by_id, read_grants
from rights.legs import Leg, Payment, expiry_leg, grant_legs, redemption_legs
from rights.redemptions import BETWEEN as REDEMPTIONS_BETWEEN
from rights.redemptions import Redeemed, read_redemptions

_EXPIRIES_BETWEEN = """
SELECT grant_id, uses FROM rights_expiry
WHERE uses > 0 AND ($1::uuid IS NULL OR grant_id > $1) AND ($2::uuid IS NULL OR grant_id <= $2) ORDER BY grant_id
"""


class Grants:
    """Grants, and what was paid for them."""

    name = "grant-legs"
    table = "rights_grant"
    key = "id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """The legs of each grant, worked out anew from its row."""
        known = await directory(connection)
        found = await read_grants(connection, GRANTS_BETWEEN, *span)
        models = await models_of(connection, [grant.id for grant in found])
        return [
            (leg.transfer(grant.id), None) for grant in found for leg in _legs_of_grant(known, grant, models[grant.id])
        ]


class Redemptions:
    """Redemptions, and what is owed for them."""

    name = "redemption-legs"
    table = "rights_redemption"
    key = "id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """The legs of each redemption, worked out anew from its row."""
        known = await directory(connection)
        found = await read_redemptions(connection, REDEMPTIONS_BETWEEN, *span)
        held = await grants_by_id(connection, [redeemed.grant_id for redeemed in found])
        models = await models_of(connection, [redeemed.id for redeemed in found])
        return [
            (leg.transfer(it.id), None)
            for it in found
            for leg in _legs_of_redemption(known, held[it.grant_id], it, models[it.id])
        ]


class Expiries:
    """Grants that were closed with uses left."""

    name = "grant-expiries"
    table = "rights_expiry"
    key = "grant_id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """The posting of each expiry."""
        rows = await connection.fetch(_EXPIRIES_BETWEEN, *span)
        held = await grants_by_id(connection, [row["grant_id"] for row in rows])
        return [
            (expiry_leg(row["grant_id"], held[row["grant_id"]].right, row["uses"]).transfer(row["grant_id"]), None)
            for row in rows
        ]


def _legs_of_grant(known: Directory, grant: Grant, model: str) -> Sequence[Leg]:
    payment = None
    if grant.price_program_id is not None:
        program = known.programs[grant.price_program_id]
        payer = known.brands[program.participant_id]
        payment = Payment(program, grant.membership_id, grant.price, payer, grant.funding_micro)
    right = replace(grant.right, uses=grant.uses)
    return tuple(grant_legs(grant.id, right, known.participant_of(right.issuer_id), payment, model))


def _legs_of_redemption(known: Directory, grant: Grant, redeemed: Redeemed, model: str) -> Sequence[Leg]:
    right = replace(grant.right, settlement_price=redeemed.settlement_micro)
    issuer, honourer = known.participant_of(right.issuer_id), known.participant_of(redeemed.brand_id)
    return tuple(redemption_legs(grant.id, right, issuer, honourer, model))


STRANGERS: Final = SqlCheck(
    "right-groups",
    f"""
SELECT 'ledger_transfer', transfer.id::text, 'reference', 'a grant or a redemption', transfer.reference::text
FROM ledger_transfer AS transfer
LEFT JOIN rights_grant AS granted
    ON granted.id = transfer.reference
    AND transfer.code IN ({Code.RIGHT_PRICE:d}, {Code.RIGHT_GRANT:d}, {Code.RIGHT_FUNDING:d})
LEFT JOIN rights_redemption AS redeemed
    ON redeemed.id = transfer.reference AND transfer.code IN ({Code.RIGHT_REDEMPTION:d}, {Code.RIGHT_SETTLEMENT:d})
WHERE transfer.xact > $1::text::xid8 AND transfer.xact <= $2::text::xid8
    AND transfer.code BETWEEN {Code.RIGHT_PRICE:d} AND {Code.RIGHT_FUNDING:d}
    AND granted.id IS NULL AND redeemed.id IS NULL
ORDER BY transfer.id
""",
    by_transaction,
)
"""Every posting for a right belongs to a grant or a redemption."""

CLAIMANTS: Final = SqlCheck(
    "right-claimants",
    """
SELECT 'rights_grant', granted.id::text, 'claimant_id', coalesce(card.member_id::text, 'the owner of a card'),
    granted.claimant_id::text
FROM rights_grant AS granted
LEFT JOIN members_record AS member ON member.id = granted.claimant_id
LEFT JOIN members_record AS card ON card.id = granted.membership_id
WHERE member.member_id IS DISTINCT FROM card.member_id
    AND (greatest(member.identity_changed_at, card.identity_changed_at) < granted.granted_at - interval '5 minutes'
        OR num_nonnulls(member.identity_changed_at, card.identity_changed_at) = 0)
    AND member.erased_at IS NULL AND card.erased_at IS NULL
ORDER BY granted.id
""",
)
"""A right was claimed by whom its card belongs to, unless somebody became another member since, or was forgotten."""

TIMES: Final = SqlCheck(
    "right-times",
    f"""
SELECT made.relation, made.id::text, made.name, 'within minutes of ' || transfer.recorded_at, made.at::text
FROM ledger_transfer AS transfer
JOIN (
    SELECT 'rights_grant' AS relation, id, 'granted_at' AS name, granted_at AS at, NULL::bigint AS step
    FROM rights_grant
    UNION ALL SELECT 'rights_redemption', id, 'redeemed_at', redeemed_at, code_step FROM rights_redemption
    UNION ALL SELECT 'rights_expiry', grant_id, 'expired_at', expired_at, NULL FROM rights_expiry
) AS made ON made.id = transfer.reference AND made.relation = CASE transfer.code
    WHEN {Code.RIGHT_GRANT:d} THEN 'rights_grant' WHEN {Code.RIGHT_REDEMPTION:d} THEN 'rights_redemption'
    WHEN {Code.EXPIRY:d} THEN 'rights_expiry' END
WHERE transfer.xact > $1::text::xid8 AND transfer.xact <= $2::text::xid8
    AND transfer.code IN ({Code.RIGHT_GRANT:d}, {Code.RIGHT_REDEMPTION:d}, {Code.EXPIRY:d})
    AND (made.at NOT BETWEEN transfer.recorded_at - interval '5 minutes' AND transfer.recorded_at + interval '5 minutes'
        OR floor(extract(epoch FROM made.at) / {STEP_SECONDS}) - made.step NOT BETWEEN 0 AND {STEPS_ACCEPTED - 1})
ORDER BY made.id
""",
    by_transaction,
)
"""When a right was granted, honoured or ran out is when that was posted; a code was taken while it was shown.

The time to five minutes, for each looks at the clock.
"""

CHECKS: Final[Sequence[AuditCheck]] = (
    TransfersOf(Grants()),
    TransfersOf(Redemptions()),
    TransfersOf(Expiries()),
    STRANGERS,
    TIMES,
    CLAIMANTS,
)
"""In the order in which findings are reported."""
