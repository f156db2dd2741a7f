"""The participants' bank accounts as two persons have agreed on them."""

from collections.abc import Collection
from uuid import UUID

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from settlement.cash.account import BankAccount
from settlement.cash.errors import UnknownParticipant
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.figures import Figures
from settlement.netting import Payment
from settlement.participants import codes
from settlement.persons import Actor
from settlement.steps import Status
from settlement.windows import Window


async def propose_bank_account(
    database: Database, participant: str, account: BankAccount, actor: Actor, *, reason: str
) -> Proposal | UnknownParticipant | ReasonMissing:
    """Propose where the participant (by code; `operator` for the clearing house's own account) is paid from now on."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        ids = {code: identifier for identifier, code in (await codes(connection)).items()}
        if participant not in ids:
            return UnknownParticipant(participant)
        content = {
            "participant": participant,
            "participant_id": str(ids[participant]),
            "holder": account.holder,
            "number": account.number,
            "bank_code": account.bank_code,
        }
        return await keep_proposal(connection, Kind.BANK_ACCOUNT, content, actor, reason.strip(), database.clock)


async def open_account(connection: Connection, proposal: Proposal, clock: Clock) -> None:
    """What the approval of such a proposal does."""
    found = proposal.content
    account = (found["holder"], found["number"], found["bank_code"])
    await connection.execute(_OPEN, new_id(), UUID(found["participant_id"]), *account, proposal.id, clock.now())


async def bank_accounts(connection: Connection) -> dict[UUID, BankAccount]:
    """The accounts in use, by participant id."""
    rows = await connection.fetch(_IN_USE)
    return {row["participant_id"]: BankAccount(row["holder"], row["number"], row["bank_code"]) for row in rows}


async def accounts_missing(connection: Connection, payments: Collection[Payment]) -> tuple[str, ...]:
    """Who needs an account for these payments and has none that two persons agreed on, by code.

    That is whoever is paid, and the operator, from whose account and to whose account all of them are.
    """
    if not payments:
        return ()
    needed = {OPERATOR_ID, *(payment.payee_id for payment in payments)}
    coded, agreed = await codes(connection), await bank_accounts(connection)
    return tuple(sorted(coded[who] for who in needed - agreed.keys()))


async def missing_for(connection: Connection, window: Window, figures: Figures) -> tuple[str, ...]:
    """Without whose bank accounts the window's payments cannot be ordered, by code; none once they are, or given up."""
    ordered = window.status.has_reached(Status.INSTRUCTED) or window.status is Status.ABORTED
    return () if ordered else await accounts_missing(connection, figures.payments)


_OPEN = """
INSERT INTO settlement_bank_account (id, participant_id, holder, number, bank_code, proposal_id, valid_from)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_IN_USE = """
SELECT DISTINCT ON (participant_id) participant_id, holder, number, bank_code
FROM settlement_bank_account ORDER BY participant_id, valid_from DESC, id DESC
"""
