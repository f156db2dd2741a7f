"""What must always be true of grants and redemptions; run by `ledger.audit`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from brands import Directory, directory, models_of
from core.codes import Code
from core.database import Connection
from ledger.audit import AuditCheck, Expected, Span, SqlCheck, TransfersOf
from ledger.audit.span import by_transaction
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
    table = "(SELECT grant_id AS id FROM rights_expiry) AS expiry"

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

CHECKS: Final[Sequence[AuditCheck]] = (
    TransfersOf(Grants()),
    TransfersOf(Redemptions()),
    TransfersOf(Expiries()),
    STRANGERS,
)
"""In the order in which findings are reported."""
