"""Posting the linked legs of several grants, redemptions or expiries at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from core.refusals import NetDebitCapReached
from ledger import Status, balances, credit_lines, post
from rights.legs import Leg


async def post_legs(connection: Connection, clock: Clock, groups: Mapping[UUID, Sequence[Leg]]) -> dict[UUID, Leg]:
    """Post each group whole or not at all. The legs that were refused, by group: those not named were posted."""
    placed = [(reference, leg) for reference, legs in groups.items() for leg in legs]
    transfers = [leg.transfer(reference) for reference, leg in placed]
    accounts = {account.id: account for _, leg in placed for account in (leg.debit, leg.credit)}
    outcomes = await post(connection, transfers, accounts=list(accounts.values()), clock=clock)
    return {
        reference: leg
        for (reference, leg), outcome in zip(placed, outcomes, strict=True)
        if not outcome.ok and outcome.status is not Status.LINKED_FAILED
    }


async def net_debit_cap_reached(connection: Connection, refused: Leg) -> NetDebitCapReached:
    """The refusal of a leg that would take its debtor below its cap, with what is left."""
    account, debtor_id = refused.debit.id, refused.debit.owner
    position = (await balances(connection, [account]))[account]
    line = (await credit_lines(connection, [account]))[account]
    return NetDebitCapReached(debtor_id, refused.amount, max(0, position.available_credit + line))
