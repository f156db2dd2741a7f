"""One transfer, tried on the model's state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.ids import derive_part_id
from ledger import Balancing, Kind, Limit, LotTerms, Status, Transfer
from tests.ledger.model_state import ALWAYS, MAX, NEVER, Answer, ModelLot, Refused, State, refuse_if


@dataclass
class Attempt:
    """One transfer, tried on a state that is thrown away if it is refused."""

    state: State
    t: Transfer
    at: datetime

    def run(self) -> int:
        """Make the change; the amount moved."""
        t, accounts = self.t, self.state.accounts
        refuse_if(t.event_time and t.event_time > self.at, Status.EVENT_TIME_IN_FUTURE)
        refuse_if(t.debit_account_id not in accounts, Status.DEBIT_ACCOUNT_NOT_FOUND)
        refuse_if(t.credit_account_id not in accounts, Status.CREDIT_ACCOUNT_NOT_FOUND)
        self.debit, self.credit = accounts[t.debit_account_id], accounts[t.credit_account_id]
        asset = self.debit.terms.asset
        refuse_if(asset != self.credit.terms.asset, Status.ACCOUNTS_HAVE_DIFFERENT_ASSETS)
        closed_until = self.state.closed_until.get(asset, ALWAYS)
        refuse_if(t.event_time and t.event_time <= closed_until, Status.EVENT_TIME_IN_CLOSED_PERIOD)
        refuse_if(self.debit.closed, Status.DEBIT_ACCOUNT_CLOSED)
        refuse_if(self.credit.closed, Status.CREDIT_ACCOUNT_CLOSED)
        match t.kind:
            case Kind.SINGLE | Kind.PENDING:
                return self.move()
            case Kind.POST | Kind.VOID | Kind.EXPIRE:
                return self.end()
            case Kind.CLOSE:
                return self.close()
            case Kind.LOT_EXPIRY:
                return self.expire()

    # Single-phase and pending transfers.

    def move(self) -> int:
        """Move or reserve an amount."""
        original = self.original()
        amount = self.balanced() if self.t.balancing else self.t.amount
        self.check_room(amount)
        taken: dict[UUID, int] = {}
        if original and (self.debit.terms.lots or self.credit.terms.lots):
            self.move_chosen(original, amount)
        else:
            if self.debit.terms.lots:
                taken = self.take(self.spendable(), amount, Status.EXCEEDS_SPENDABLE)
            if self.credit.terms.lots and self.t.kind is Kind.SINGLE:
                self.open(amount, taken, self.t.lot)
        if self.t.kind is Kind.PENDING:
            self.debit.debits_pending += amount
            self.credit.credits_pending += amount
        else:
            self.debit.debits_posted += amount
            self.credit.credits_posted += amount
        return amount

    def original(self) -> Answer | None:
        """The transfer to reverse, or to take the lots of."""
        identifier = self.t.reverses_id or self.t.lots_of
        if identifier is None:
            return None
        found = self.state.answers.get(identifier)
        if found is None or found.outcome.status is not Status.CREATED:
            raise Refused(Status.ORIGINAL_NOT_FOUND)
        if self.t.reverses_id:
            first = found.transfer
            final = first.kind in {Kind.SINGLE, Kind.POST} and not first.reverses_id
            refuse_if(not final, Status.ORIGINAL_NOT_REVERSIBLE)
            crossed = (first.credit_account_id, first.debit_account_id)
            mine = (self.t.debit_account_id, self.t.credit_account_id)
            refuse_if(crossed != mine, Status.ORIGINAL_HAS_DIFFERENT_ACCOUNTS)
            refuse_if(found.reversed, Status.ALREADY_REVERSED)
            refuse_if(self.t.amount > found.outcome.amount, Status.EXCEEDS_ORIGINAL_AMOUNT)
            found.reversed = True
        return found

    def balanced(self) -> int:
        """As much of the amount as the accounts allow."""
        d, c, amount = self.debit, self.credit, self.t.amount
        if self.t.balancing & Balancing.DEBIT:
            amount = min(amount, d.credits_posted + d.credit_line - d.debits_posted - d.debits_pending)
            refuse_if(amount <= 0, Status.EXCEEDS_CREDITS)
        if self.t.balancing & Balancing.CREDIT:
            amount = min(amount, c.debits_posted + c.credit_line - c.credits_posted - c.credits_pending)
            refuse_if(amount <= 0, Status.EXCEEDS_DEBITS)
        if self.t.balancing & Balancing.DEBIT and d.terms.lots:
            amount = min(amount, sum(lot.remaining for lot in self.spendable()))
            refuse_if(amount <= 0, Status.EXCEEDS_SPENDABLE)
        return amount

    def check_room(self, amount: int) -> None:
        """Refuse what goes beyond a limit or a counter."""
        d, c = self.debit, self.credit
        debits = d.debits_pending + d.debits_posted + amount
        credit = c.credits_pending + c.credits_posted + amount
        limited = d.terms.limit & Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
        refuse_if(limited and debits > d.credits_posted + d.credit_line, Status.EXCEEDS_CREDITS)
        limited = c.terms.limit & Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
        refuse_if(limited and credit > c.debits_posted + c.credit_line, Status.EXCEEDS_DEBITS)
        refuse_if(debits > MAX, Status.OVERFLOWS_DEBITS)
        refuse_if(credit > MAX, Status.OVERFLOWS_CREDITS)

    # Lots.

    def mine(self, account_id: UUID) -> list[ModelLot]:
        """The account's lots with something left, first expiring first."""
        found = [lot for lot in self.state.lots.values() if lot.account_id == account_id and lot.remaining]
        return sorted(found, key=lambda lot: lot.order)

    def spendable(self) -> list[ModelLot]:
        """The debit account's lots that can be spent."""
        return [lot for lot in self.mine(self.t.debit_account_id) if lot.available_at <= self.at < lot.expires_at]

    def take(self, lots: list[ModelLot], amount: int, otherwise: Status) -> dict[UUID, int]:
        """Take the amount from the lots in their order."""
        refuse_if(sum(lot.remaining for lot in lots) < amount, otherwise)
        taken: dict[UUID, int] = {}
        for lot in lots:
            part = min(lot.remaining, amount)
            if part:
                lot.remaining -= part
                taken[lot.id] = part
                amount -= part
        self.state.uses.setdefault(self.t.id, {}).update(taken)
        return taken

    def open(self, amount: int, taken: dict[UUID, int], terms: LotTerms | None) -> None:
        """Open a lot, or one for each that was taken."""
        if taken and terms is None:
            for lot_id, part in taken.items():
                lot = self.state.lots[lot_id]
                self.add(part, lot.expires_at, lot.available_at, lot, lot.id)
            return
        lot_terms = terms or LotTerms()
        new_id = self.add(amount, lot_terms.expires_at or NEVER, lot_terms.available_at or ALWAYS, None, None)
        self.state.lots[new_id].unit_cost = lot_terms.unit_cost
        self.state.lots[new_id].funder = lot_terms.funder

    def add(
        self, amount: int, expires_at: datetime, available_at: datetime, like: ModelLot | None, origin: UUID | None
    ) -> UUID:
        """Add a lot to the credit account."""
        before = sum(lot.transfer_id == self.t.id for lot in self.state.lots.values())
        new_id = derive_part_id(self.t.id, f"lot {before}") if before else self.t.id
        cost, funder = (like.unit_cost, like.funder) if like else (0, None)
        self.state.lots[new_id] = ModelLot(
            new_id, self.t.credit_account_id, self.t.id, amount, expires_at, available_at, cost, funder, origin
        )
        return new_id

    def use_of(self, answer: Answer) -> dict[UUID, int]:
        """What the transfer took and has not given back."""
        identifier = answer.transfer.pending_id if answer.transfer.kind is Kind.POST else answer.transfer.id
        assert identifier is not None
        return self.state.uses.setdefault(identifier, {})

    def move_chosen(self, original: Answer, amount: int) -> None:
        """Move lots that the original opened or used."""
        t, lots = self.t, self.state.lots
        opened = [lot for lot in lots.values() if lot.transfer_id == original.transfer.id]
        opened = [lot for lot in opened if lot.account_id == t.debit_account_id]
        use = self.use_of(original)
        used = [lots[i] for i in use if lots[i].account_id == t.credit_account_id]
        refuse_if(not opened and not used, Status.EXCEEDS_LOTS_OF)
        taken: dict[UUID, int] = {}
        if opened:
            opened.sort(key=lambda lot: lot.order, reverse=bool(used))
            taken = self.take(opened, amount, Status.EXCEEDS_LOTS_OF)
        elif self.debit.terms.lots:
            taken = self.take(self.spendable(), amount, Status.EXCEEDS_SPENDABLE)
        if not used:
            if self.credit.terms.lots:
                self.open(amount, taken, t.lot)
            return
        back = self.paired(taken, use) if opened else None
        if back is None:
            back = self.latest_first({lot.id: use[lot.id] for lot in used}, amount)
        refuse_if(sum(back.values()) < amount, Status.EXCEEDS_LOTS_OF)
        self.give_back(use, back)
        self.grant_grace(back)

    def paired(self, taken: dict[UUID, int], use: dict[UUID, int]) -> dict[UUID, int] | None:
        """Each lot taken goes back to where it came from, if all came from the original's lots."""
        back: dict[UUID, int] = {}
        for lot_id, part in taken.items():
            origin = self.state.lots[lot_id].origin
            if origin not in use:
                return None
            refuse_if(use[origin] < part, Status.EXCEEDS_LOTS_OF)
            back[origin] = part
        return back

    def grant_grace(self, back: dict[UUID, int]) -> None:
        """What was given back to expired lots goes on into new ones."""
        for lot_id, part in back.items():
            lot = self.state.lots[lot_id]
            if lot.expires_at <= self.at:
                lot.remaining -= part
                until = (self.t.lot.expires_at or NEVER) if self.t.lot else self.at + timedelta(days=30)
                self.add(part, until, ALWAYS, lot, lot_id)

    def latest_first(self, use: dict[UUID, int], amount: int) -> dict[UUID, int]:
        """The part of a use that would not have been, had the transfer been smaller by the amount."""
        back: dict[UUID, int] = {}
        for lot_id in sorted(use, key=lambda i: self.state.lots[i].order, reverse=True):
            part = min(use[lot_id], amount)
            if part:
                back[lot_id] = part
                amount -= part
        return back

    def give_back(self, use: dict[UUID, int], back: dict[UUID, int]) -> None:
        """Return to lots what was taken from them."""
        for lot_id, part in back.items():
            self.state.lots[lot_id].remaining += part
            use[lot_id] -= part

    # The ends of pending transfers, of accounts and of lots.

    def end(self) -> int:
        """Post, void or expire."""
        t = self.t
        pending = self.state.answers.get(t.pending_id) if t.pending_id else None
        if pending is None or pending.outcome.status is not Status.CREATED:
            raise Refused(Status.PENDING_TRANSFER_NOT_FOUND)
        first, reserved = pending.transfer, pending.outcome.amount
        refuse_if(first.kind is not Kind.PENDING, Status.PENDING_TRANSFER_NOT_PENDING)
        different = first.debit_account_id != t.debit_account_id
        refuse_if(different, Status.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID)
        different = first.credit_account_id != t.credit_account_id
        refuse_if(different, Status.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID)
        refuse_if(pending.resolution is Kind.POST, Status.PENDING_TRANSFER_ALREADY_POSTED)
        refuse_if(pending.resolution is Kind.VOID, Status.PENDING_TRANSFER_ALREADY_VOIDED)
        refuse_if(pending.resolution is Kind.EXPIRE, Status.PENDING_TRANSFER_EXPIRED)
        late = bool(pending.times_out_at and pending.times_out_at <= self.at)
        refuse_if(late and t.kind is not Kind.EXPIRE, Status.PENDING_TRANSFER_EXPIRED)
        refuse_if(not late and t.kind is Kind.EXPIRE, Status.PENDING_TRANSFER_NOT_EXPIRED)
        posting = t.kind is Kind.POST
        refuse_if(posting and t.amount > reserved, Status.EXCEEDS_PENDING_TRANSFER_AMOUNT)
        refuse_if(not posting and t.amount not in {0, reserved}, Status.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT)
        pending.resolution = t.kind
        posted = (t.amount or reserved) if posting else 0
        self.debit.debits_pending -= reserved
        self.credit.credits_pending -= reserved
        self.debit.debits_posted += posted
        self.credit.credits_posted += posted
        use = self.use_of(pending)
        if self.debit.terms.lots:
            self.give_back(use, self.latest_first(use, reserved - posted))
        if self.credit.terms.lots and posted:
            kept = {lot_id: part for lot_id, part in use.items() if part}
            self.open(posted, kept, t.lot or first.lot)
        return posted or reserved

    def close(self) -> int:
        """Move what is left and close the debit account."""
        d = self.debit
        refuse_if(d.debits_pending or d.credits_pending, Status.CLOSING_ACCOUNT_HAS_PENDING)
        left = d.credits_posted - d.debits_posted
        refuse_if(left < 0 or self.t.amount not in {0, left}, Status.CLOSING_AMOUNT_DIFFERS)
        amount = self.move_lots(self.mine(self.t.debit_account_id), left)
        d.closed = True
        return amount

    def expire(self) -> int:
        """Move what is left of expired lots."""
        until = self.t.event_time
        assert until is not None
        lots = [lot for lot in self.mine(self.t.debit_account_id) if lot.expires_at <= until]
        refuse_if(not lots, Status.NOTHING_TO_EXPIRE)
        return self.move_lots(lots, sum(lot.remaining for lot in lots))

    def move_lots(self, lots: list[ModelLot], amount: int) -> int:
        """Move whole lots."""
        self.check_room(amount)
        taken = self.take(lots, amount, Status.EXCEEDS_SPENDABLE) if self.debit.terms.lots else {}
        if self.credit.terms.lots and amount:
            self.open(amount, taken, self.t.lot)
        self.debit.debits_posted += amount
        self.credit.credits_posted += amount
        return amount
