"""Posting that must succeed as a whole, or leave nothing: not even its refusal, so that the step can be repeated."""

from collections.abc import Sequence

from brands import directory
from brands.accounts import position_account
from core.clock import Clock
from core.database import Connection
from core.errors import AgioError
from core.refusals import NetDebitCapReached
from ledger import Account, Status, Transfer, balances, post
from settlement.errors import BooksBroken


class CapReached(AgioError):
    """A participant's position has no room. Raised so that the transaction is rolled back, caught at its edge."""

    def __init__(self, refusal: NetDebitCapReached) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


async def post_all(
    connection: Connection, transfers: Sequence[Transfer], accounts: Sequence[Account], clock: Clock
) -> None:
    """Post everything. Raises CapReached where a participant's net debit cap forbids it, BooksBroken for all else."""
    outcomes = await post(connection, transfers, accounts=accounts, clock=clock)
    for transfer, outcome in zip(transfers, outcomes, strict=True):
        if outcome.status is Status.EXCEEDS_CREDITS:
            raise CapReached(await _refusal(connection, transfer))
    refused = next((outcome for outcome in outcomes if not outcome.ok), None)
    if refused is not None:
        message = f"the ledger refused transfer {refused.id} of the settlement: {refused.status}"
        raise BooksBroken(message)


async def _refusal(connection: Connection, transfer: Transfer) -> NetDebitCapReached:
    """The cap that is in the way: only positions of participants have one."""
    account = transfer.debit_account_id
    network = await directory(connection)
    debtor = next(brand for brand in network.participants() if position_account(brand).id == account)
    room = (await balances(connection, [account]))[account].available_credit + debtor.net_debit_cap
    return NetDebitCapReached(debtor.id, transfer.amount, max(0, room))
