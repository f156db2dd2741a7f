"""Deposits: cash that participants leave with the clearing house. It widens their net debit cap, and pays what is due.

topped up   Dr suspense / Cr prefund, and the cap is wider by as much
paid back   see withdrawing.py
drawn       see drawing.py
earmarked   when a window of a prefunded model is netted: what will pay for it widens the cap no more
taken       when the bank is instructed: Dr prefund / Cr due
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from asyncpg import Record

from brands import OPERATOR_ID, directory
from brands.accounts import due_account, in_model, position_account, prefund_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from ledger import Account, Transfer, balances, headrooms, move_credit_lines
from ledger.opening import open_accounts
from settlement.cash.allocating import CashLine, missing, movement
from settlement.cash.claims import already_claimed
from settlement.cash.errors import (
    AmountTooLarge,
    CashLineNotFound,
    CashLineUsed,
    NotInModel,
    ProposalOpen,
    UnknownParticipant,
)
from settlement.cash.locking import lock_money
from settlement.cash.matching import Rule
from settlement.cash.payments import open_payments
from settlement.cash.postings import suspense_account
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import BooksBroken, ReasonMissing
from settlement.figures import Figures
from settlement.netting import FEN_MICRO
from settlement.participants import codes, model_codes, participants_of_model
from settlement.persons import Actor
from settlement.postings import position_account_id
from settlement.records import kept_figures, payments_by
from settlement.refused import post_all
from settlement.terms import Funding
from settlement.windows import Window

TopUpRefusal: TypeAlias = CashLineNotFound | CashLineUsed | UnknownParticipant | NotInModel | AmountTooLarge


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a participant has deposited in a model."""

    participant: str
    model: str
    held_fen: int
    earmarked_fen: int
    """Of it: what will pay for windows that are netted."""


async def deposits(database: Database) -> list[Deposit]:
    """Every deposit that is not empty, by participant and model."""
    async with database.connection() as connection:
        coded = await codes(connection)
        rows = await connection.fetch(_DEPOSITS)
    found = (Deposit(coded[row["participant_id"]], row["model"], row["held"], row["earmarked"]) for row in rows)
    return sorted(found, key=lambda it: (it.participant, it.model))


async def propose_top_up(
    database: Database, cash_id: UUID, participant: str, model: str, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | TopUpRefusal | ProposalOpen | ReasonMissing:
    """Propose that `amount_fen` (positive) of a receipt be a participant's deposit in a model."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _possible(connection, cash_id, participant, model, amount_fen)
        if not isinstance(found, CashLine):
            return found
        waiting = await already_claimed(connection, amount_fen, {cash_id: found.left_fen})
        if waiting is not None:
            return waiting
        content = {"cash_id": str(cash_id), "participant": participant, "model": model, "amount_fen": amount_fen}
        content |= {"cash": str(found)}
        return await keep_proposal(connection, Kind.TOP_UP, content, actor, reason.strip(), database.clock)


async def top_up(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> TopUpRefusal | None:
    """What the approval of such a proposal does, if it still can be done."""
    del actor
    cash_id, model = UUID(proposal.content["cash_id"]), str(proposal.content["model"])
    participant, amount_fen = str(proposal.content["participant"]), int(proposal.content["amount_fen"])
    found = await _possible(connection, cash_id, participant, model, amount_fen)
    if not isinstance(found, CashLine):
        return found
    brand = (await directory(connection)).brand(participant)
    assert brand is not None, "it has just been found"
    identifier = derive_id(proposal.id, "top-up")
    row = (identifier, brand.id, model, amount_fen, cash_id, None, proposal.id, clock.now())
    await connection.execute(_KEEP, *row)
    deposit = prefund_account(brand.id, model)
    transfer = Transfer(
        id=identifier,
        debit_account_id=suspense_account().id,
        credit_account_id=deposit.id,
        amount=amount_fen * FEN_MICRO,
        code=Code.PAYMENT,
        reference=cash_id,
    )
    await post_all(connection, [transfer], [suspense_account(), deposit], clock)
    position = position_account(brand, model)
    await open_accounts(connection, [position], [position.id])
    await move_credit_lines(connection, {position.id: amount_fen * FEN_MICRO})
    return None


async def owner_of(connection: Connection, participant: str, model: str) -> UUID | UnknownParticipant | NotInModel:
    """Whose deposit in the model it is."""
    ids = {code: who for who, code in (await codes(connection)).items() if who != OPERATOR_ID}
    if participant not in ids:
        return UnknownParticipant(participant)
    return ids[participant] if await _is_in(connection, ids[participant], model) else NotInModel(participant, model)


async def spare_fen(connection: Connection, participant_id: UUID, model: str) -> int:
    """What can be taken out of a deposit: it is not earmarked, and the participant owes nothing that it covers."""
    deposit, position = prefund_account(participant_id, model).id, position_account_id(participant_id, model)
    held = (await balances(connection, [deposit]))[deposit].net_credit // FEN_MICRO
    marked = {row["participant_id"]: row["earmarked"] for row in await connection.fetch(_EARMARKED, model)}
    room = (await headrooms(connection, [position]))[position] // FEN_MICRO
    spare: int = min(held - marked.get(participant_id, 0), room)
    return max(0, spare)


async def take_out(
    connection: Connection,
    key: UUID,
    deposit: tuple[UUID, str],
    credit: Account,
    amount_fen: int,
    code: Code,
    reference: UUID,
    clock: Clock,
) -> AmountTooLarge | None:
    """Post so much out of a participant's deposit in a model; its cap there is narrower by as much.

    Refused when an exchange has just used the room: then the transaction must not be committed.
    """
    prefund = prefund_account(*deposit)
    if await move_credit_lines(connection, {position_account_id(*deposit): -amount_fen * FEN_MICRO}):
        return AmountTooLarge(await spare_fen(connection, *deposit))
    transfer = Transfer(key, prefund.id, credit.id, amount_fen * FEN_MICRO, code, reference=reference)
    await post_all(connection, [transfer], [prefund, credit], clock)
    return None


async def earmark(connection: Connection, window: Window, figures: Figures) -> None:
    """When a window of a prefunded model is netted: what will pay for it widens the caps no more."""
    if window.terms.funding is not Funding.PREFUNDED:
        return
    due = {it.participant_id: it.due for it in figures.positions if it.due and it.participant_id != OPERATOR_ID}
    accounts = {who: prefund_account(who, window.model).id for who in due}
    held = await balances(connection, list(accounts.values()))
    taken = {row["participant_id"]: row["earmarked"] for row in await connection.fetch(_EARMARKED, window.model)}
    free = {who: held[account].net_credit - taken.get(who, 0) * FEN_MICRO for who, account in accounts.items()}
    marked = {who: min(amount, free[who]) for who, amount in due.items() if free[who] > 0}
    rows = [(derive_id(window.id, f"earmark:{who}"), window.id, who, it // FEN_MICRO) for who, it in marked.items()]
    await connection.executemany(_KEEP_EARMARK, rows)
    await _move_caps(connection, window, {who: -amount for who, amount in marked.items()})


async def unearmark(connection: Connection, window: Window) -> None:
    """When a netted window is aborted: its deposits widen the caps again."""
    rows = await connection.fetch(_OF_WINDOW, window.id)
    await _move_caps(connection, window, {row["participant_id"]: row["amount_fen"] * FEN_MICRO for row in rows})


async def earmarked_positions(connection: Connection, window: Window) -> list[UUID]:
    """The positions whose caps change when deposits pay for a window."""
    rows = await connection.fetch(_OF_WINDOW, window.id)
    return [position_account_id(row["participant_id"], window.model) for row in rows]


async def take_deposits(connection: Connection, window: Window, clock: Clock) -> None:
    """When the bank is instructed: what was earmarked pays what is due; what is paid already widens caps again."""
    rows = await connection.fetch(_OF_WINDOW, window.id)
    if not rows:
        return
    owing = payments_by(window, await kept_figures(connection, window))
    standing = {it.id: it.open_fen for it in await open_payments(connection)}
    left = {
        row["participant_id"]: await _take(connection, window, row, owing[row["participant_id"]], standing, clock)
        for row in rows
    }
    await _move_caps(connection, window, {who: fen * FEN_MICRO for who, fen in left.items()})


async def _take(
    connection: Connection,
    window: Window,
    earmarked: Record,
    payments: Sequence[UUID],
    standing: Mapping[UUID, int],
    clock: Clock,
) -> int:
    """What was earmarked, for one payment after the other; the fen for which there was nothing to pay."""
    who, left = earmarked["participant_id"], earmarked["amount_fen"]
    for payment_id in payments:
        fen, now = min(left, standing.get(payment_id, 0)), clock.now()
        if not fen:
            continue
        left -= fen
        identifier = derive_id(payment_id, "taken")
        await connection.execute(_ALLOCATE, identifier, payment_id, fen, Rule.PREFUND.value, now)
        await connection.execute(_KEEP, identifier, who, window.model, -fen, None, payment_id, None, now)
        sides = (prefund_account(who, window.model), due_account(who))
        transfer = Transfer(
            id=identifier,
            debit_account_id=sides[0].id,
            credit_account_id=sides[1].id,
            amount=fen * FEN_MICRO,
            code=Code.PAYMENT,
            reference=window.id,
        )
        await post_all(connection, [transfer], sides, clock)
    return int(left)


async def _move_caps(connection: Connection, window: Window, changes: dict[UUID, int]) -> None:
    lines = {position_account_id(who, window.model): change for who, change in changes.items() if change}
    refused = await move_credit_lines(connection, lines) if lines else {}
    if refused:
        message = f"window {window.number}: netting did not make the room that its deposits are to give up"
        raise BooksBroken(message)


async def _possible(
    connection: Connection, cash_id: UUID, participant: str, model: str, amount_fen: int
) -> CashLine | TopUpRefusal:
    line = await movement(connection, cash_id)
    if line is None:
        return await missing(connection, cash_id)
    if line.amount_fen < 0:
        return CashLineNotFound()
    who = await owner_of(connection, participant, model)
    if not isinstance(who, UUID):
        return who
    return line if 0 < amount_fen <= line.left_fen else AmountTooLarge(line.left_fen)


async def _is_in(connection: Connection, participant_id: UUID, model: str) -> bool:
    if in_model("", model) == "":
        return True
    known = model in await model_codes(connection)
    return known and participant_id in await participants_of_model(connection, model)


_KEEP: Final = """
INSERT INTO settlement_deposit
    (id, participant_id, model, amount_fen, cash_id, payment_id, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_KEEP_EARMARK: Final = """
INSERT INTO settlement_earmark (id, window_id, participant_id, amount_fen) VALUES ($1, $2, $3, $4)
"""

_ALLOCATE: Final = """
INSERT INTO settlement_allocation (id, payment_id, amount_fen, rule, allocated_at) VALUES ($1, $2, $3, $4, $5)
"""

_OF_WINDOW: Final = """
SELECT id, participant_id, amount_fen FROM settlement_earmark WHERE window_id = $1 ORDER BY participant_id
"""

_STANDING: Final = """
settlement_earmark AS marked JOIN settlement_window AS netted ON netted.id = marked.window_id
    AND status IN ('NETTED', 'SUBMITTED', 'APPROVED', 'ADVISED')
"""

_EARMARKED: Final = f"""
SELECT participant_id, sum(amount_fen)::bigint AS earmarked FROM {_STANDING} WHERE model = $1 GROUP BY participant_id
"""

_DEPOSITS: Final = f"""
SELECT deposit.participant_id, deposit.model, sum(deposit.amount_fen)::bigint AS held,
    coalesce((SELECT sum(marked.amount_fen)::bigint FROM {_STANDING}
        WHERE marked.participant_id = deposit.participant_id AND netted.model = deposit.model), 0) AS earmarked
FROM settlement_deposit AS deposit GROUP BY deposit.participant_id, deposit.model
HAVING sum(deposit.amount_fen) <> 0
"""
