"""Bank accounts: the oldest fraud in payments needs two persons here."""

import asyncpg
import pytest

from core.database import Database
from core.ids import new_id
from settlement import Actor, ReasonMissing
from settlement.cash.account import BankAccount
from settlement.cash.bank_accounts import bank_accounts, propose_bank_account
from settlement.cash.deciding import decide
from settlement.cash.errors import OwnProposal, ProposalEnded, ProposalNotFound, UnknownParticipant
from settlement.cash.proposals import Kind, Proposal, Verdict, proposals
from tests.network import load_network
from tests.settlement.trade import CHECKER, MAKER

OLD = BankAccount("Hotel", "622200000002", "104100000004")
NEW = BankAccount("Hotel", "622200000999", "104100000004")


async def propose(database: Database, account: BankAccount) -> Proposal:
    """The maker's proposal for the hotel."""
    found = await propose_bank_account(database, "hotel", account, MAKER, reason="a letter")
    assert isinstance(found, Proposal), found
    return found


async def in_use(database: Database) -> list[BankAccount]:
    """All accounts in use."""
    async with database.connection() as connection:
        return list((await bank_accounts(connection)).values())


async def test_an_account_is_used_once_another_person_agrees(database: Database) -> None:
    await load_network(database)
    first = await propose(database, OLD)
    assert (first.kind, first.content["number"], first.proposed_by) == (Kind.BANK_ACCOUNT, OLD.number, "maker-7")
    assert await in_use(database) == []
    assert await decide(database, first.id, MAKER, Verdict.APPROVED, reason="mine") == OwnProposal("maker-7")
    assert await in_use(database) == []
    await decide(database, first.id, CHECKER, Verdict.APPROVED, reason="called the hotel")
    assert await in_use(database) == [OLD]
    second = await propose(database, NEW)
    assert await in_use(database) == [OLD]
    assert [proposal.id for proposal in await proposals(database)] == [second.id]
    await decide(database, second.id, CHECKER, Verdict.APPROVED, reason="called the hotel")
    assert await in_use(database) == [NEW]
    assert [proposal.id for proposal in await proposals(database, open_only=False)] == [second.id, first.id]


async def test_a_rejected_account_is_never_used(database: Database) -> None:
    """The proposer may take the proposal back as well; a decision is final."""
    await load_network(database)
    proposed = await propose(database, OLD)
    assert await decide(database, proposed.id, CHECKER, Verdict.REJECTED, reason=" ") == ReasonMissing()
    for _ in range(2):
        decided = await decide(database, proposed.id, MAKER, Verdict.REJECTED, reason="a wrong number")
        assert isinstance(decided, Proposal)
        assert decided.verdict is Verdict.REJECTED
    ended = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, reason="no")
    assert ended == ProposalEnded(Verdict.REJECTED, "maker-7", "a wrong number")
    assert await in_use(database) == []


async def test_who_comes_second_is_told_who_decided(database: Database) -> None:
    """Two checkers at once: the second one has not approved anything, and must not think so."""
    await load_network(database)
    proposed = await propose(database, OLD)
    for _ in range(2):
        decided = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, reason="called the hotel")
        assert isinstance(decided, Proposal)
    for actor in (MAKER, Actor("wang.fang")):
        second = await decide(database, proposed.id, actor, Verdict.APPROVED, reason="called them too")
        assert second == ProposalEnded(Verdict.APPROVED, "checker-3", "called the hotel")


async def test_what_cannot_be_proposed(database: Database) -> None:
    await load_network(database)
    assert await propose_bank_account(database, "hotel", OLD, MAKER, reason="") == ReasonMissing()
    unknown = await propose_bank_account(database, "hotel-lake", OLD, MAKER, reason="a letter")
    assert unknown == UnknownParticipant("hotel-lake")
    assert await decide(database, new_id(), CHECKER, Verdict.APPROVED, reason="yes") == ProposalNotFound()


async def test_the_database_refuses_an_account_nobody_agreed_on(database: Database) -> None:
    """Neither without a decision nor with the proposer's own."""
    await load_network(database)
    proposed = await propose(database, OLD)
    insert = (
        "INSERT INTO settlement_bank_account (id, participant_id, holder, number, bank_code, proposal_id, valid_from) "
        "VALUES ($1, $1, 'x', '622200000999', '104100000004', $2, now())"
    )
    own = (
        "UPDATE settlement_proposal SET (decision, decided_by, decided_at, decided_reason) "
        "= ('APPROVED', 'maker-7', now(), 'mine')"
    )
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.transaction() as connection:
            await connection.execute(insert, new_id(), proposed.id)
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as connection:
            await connection.execute(own)
    assert await in_use(database) == []
