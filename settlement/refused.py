"""Posting that must succeed as a whole, or leave nothing: not even its refusal, so that the step can be repeated."""

from collections.abc import Sequence

from brands import directory
from core.clock import Clock
from core.database import Connection
from core.errors import AgioError
from core.refusals import NetDebitCapReached
from ledger import Account, Status, Transfer, balances, credit_lines, post
from settlement.errors import BooksBroken
from settlement.participants import model_codes
from settlement.postings import position_account_id


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
    who, models = (await directory(connection)).participants(), await model_codes(connection)
    debtor = next(it for it in who for model in models if position_account_id(it.id, model) == account)
    line = (await credit_lines(connection, [account]))[account]
    room = (await balances(connection, [account]))[account].available_credit + line
    return NetDebitCapReached(debtor.id, transfer.amount, max(0, room))
