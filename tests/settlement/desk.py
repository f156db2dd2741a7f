"""Finance at work, by chance: windows of several models, a bank, and everything that two persons decide about money."""

from collections.abc import Awaitable
from pathlib import Path
from random import Random
from typing import Final

from core.database import Database
from settlement import Status, Window, agreed_models, current_window, decide, propose_model
from settlement.cash import (
    BankAccount,
    Imported,
    Outcome,
    Proposal,
    Verdict,
    disputes,
    due_payments,
    import_bank_statements,
    propose_allocation,
    propose_bank_account,
    propose_dispute,
    propose_end,
    propose_returned,
    propose_tolerance,
    propose_top_up,
    unexplained_lines,
)
from tests.settlement.agreed import written
from tests.settlement.cash.bank import HOUSE, Movement, camt
from tests.settlement.identities import identities
from tests.settlement.steps import STEPS
from tests.settlement.test_random_windows import kill, take_back
from tests.settlement.trade import CHECKER, MAKER, approved, done

PARTICIPANTS: Final = ("operator", "hotel", "airline", "rail", "ferry")

_CAPS: Final = '\n[caps]\n{0} = "90000.00"\n{1} = "90000.00"\n'

AGREED: Final = tuple(
    f'model = "{code}"\nnetting = "{netting}"\nfunding = "{funding}"\n{members}' + _CAPS.format(one, other)
    for code, one, other, members in (
        ("stays", "hotel", "airline", 'pairs = [["hotel", "airline"]]'),
        ("tracks", "rail", "ferry", 'members = ["rail", "ferry"]'),
    )
    for netting in ("multilateral", "bilateral", "gross")
    for funding in ("postpaid", "prefunded")
)
"""What hotel and airline, and rail and ferry, may agree on; everybody else settles in the network's model."""

EVERYTHING: Final = {
    *("disputed", "disputed money paid", "written off", "tolerated", "deposited", "given to a payment", "sent back"),
    *("taken back", "agreed"),
}
"""What a long run does."""


async def register(database: Database) -> None:
    """Everybody's bank account, by two persons."""
    for place, code in enumerate(PARTICIPANTS):
        account = HOUSE if code == "operator" else BankAccount(code.title(), f"62220000001{place}", "104100000004")
        await approved(database, await propose_bank_account(database, code, account, MAKER, reason="the contract"))


class Desk:
    """Finance at work, by chance."""

    def __init__(self, database: Database, folder: Path, random: Random) -> None:
        self._database, self._folder, self._random = database, folder, random
        self._held_fen, self._day = 0, 0
        self.did: set[str] = set()

    async def agree(self) -> None:
        """Two participants agree on how they settle from now on."""
        model = written(self._random.choice(AGREED))
        await self._approve("agreed", propose_model(self._database, model, MAKER, reason="from the contract"))
        await identities(self._database)

    async def settle(self) -> None:
        """The network's window, and those of other models now and then."""
        for model in await agreed_models(self._database):
            if model.code == "network" or self._chance(0.3):
                await self._settle(await current_window(self._database, model.code))

    async def _settle(self, window: Window) -> None:
        """From its close to the order for the bank, unless it is taken back; every step may be killed on its way."""
        for goal, step in STEPS.items():
            if self._chance(0.3):
                await kill(step(self._database, window.id, self._folder), self._random)
            window = done(await step(self._database, window.id, self._folder))
            assert window.status.has_reached(goal)
            await identities(self._database)
            if goal is not Status.INSTRUCTED and self._chance(0.02):
                await take_back(self._database, window)
                await identities(self._database)
                self.did.add("taken back")
                return

    async def bank(self) -> None:
        """A statement of the bank: whole and part payments, too much, and strangers' money, in and out."""
        self._day += 1
        movements = [
            Movement(sign * self._random.randrange(1_00, 500_00), "a stranger")
            for sign, often in ((1, 0.6), (-1, 0.1))
            if self._chance(often)
        ]
        for payment in await due_payments(self._database):
            fen = self._random.choice([payment.open_fen, max(1, payment.open_fen // 2), payment.open_fen + 1])
            if self._chance(0.6):
                movements.append(Movement(fen if payment.incoming else -fen, payment.reference))
        answer = await import_bank_statements(self._database, camt(f"S{self._day}", self._held_fen, *movements), MAKER)
        assert isinstance(answer, Imported), answer
        self._held_fen += sum(movement.fen for movement in movements)
        await identities(self._database)

    async def decide(self) -> None:
        """What is due and will not simply be paid; then what came and nobody knows."""
        for payment in await due_payments(self._database):
            if payment.incoming and self._chance(0.3):
                wanted = propose_dispute(self._database, payment.id, payment.open_fen, MAKER, reason="not ours")
                await self._approve("disputed", wanted)
            elif payment.incoming and self._chance(0.3):
                small = propose_tolerance(self._database, payment.id, 1, MAKER, reason="a fen")
                await self._approve("tolerated", small)
        await self._end_disputes()
        await self._explain()
        await identities(self._database)

    async def _end_disputes(self) -> None:
        receipts = [line for line in await unexplained_lines(self._database) if line.amount_fen > 0]
        for found in await disputes(self._database):
            if receipts and self._chance(0.3):
                line, outcome, what = receipts.pop(), Outcome.PAID, "disputed money paid"
                fen, cash_id = min(line.left_fen, found.open_fen), line.id
            elif self._chance(0.4):
                outcome, what, fen, cash_id = Outcome.WRITTEN_OFF, "written off", found.open_fen, None
            else:
                continue
            end = propose_end(self._database, found.id, outcome, fen, MAKER, reason="seen", cash_id=cash_id)
            await self._approve(what, end)

    async def _explain(self) -> None:
        lines = await unexplained_lines(self._database)
        sent = [line for line in lines if line.amount_fen < 0]
        for line in [line for line in lines if line.amount_fen > 0]:
            due = [it for it in await due_payments(self._database) if it.incoming]
            if sent and self._chance(0.5):
                back = sent.pop()
                fen = min(line.left_fen, back.left_fen)
                wanted = propose_returned(self._database, line.id, back.id, fen, MAKER, reason="a mistake of theirs")
                await self._approve("sent back", wanted)
            elif due and self._chance(0.3):
                fen = min(line.left_fen, due[0].open_fen)
                given = propose_allocation(self._database, line.id, due[0].id, fen, MAKER, reason="they wrote to us")
                await self._approve("given to a payment", given)
            elif self._chance(0.5):
                who, model = self._random.choice(PARTICIPANTS[1:]), self._random.choice(["network", "stays", "tracks"])
                top_up = propose_top_up(self._database, line.id, who, model, line.left_fen, MAKER, reason="theirs")
                await self._approve("deposited", top_up)

    async def _approve(self, what: str, proposing: Awaitable[object]) -> None:
        """What cannot be proposed, or cannot be done any more, is refused and changes nothing."""
        proposed = await proposing
        if isinstance(proposed, Proposal):
            decided = await decide(
                self._database, proposed.id, CHECKER, Verdict.APPROVED, digest=proposed.digest, reason="seen"
            )
            if isinstance(decided, Proposal):
                self.did.add(what)

    def _chance(self, of: float) -> bool:
        return self._random.random() < of
