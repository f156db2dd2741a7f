"""The desk at which the simulated brand decides: every instruction is checked, booked once, and remembered.

An instruction is looked up by its reference first; what was refused before is refused again in the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.simulator.books import Books, Change, Entry, EntryStatus, Member
from adapters.simulator.clock import SimulatorClock
from adapters.simulator.orders import MOVES, Code, Effect, EntryKind, NowPending, Order, Refused, Stumble, Unlooked
from adapters.simulator.reversing import release_refused, reversal_refused
from adapters.simulator.terms import Flaw, Terms
from adapters.simulator.validating import used, validation_refused

_PRECONDITIONS = {Code.VALIDATION_REQUIRED, Code.VALIDATION_USED, Code.VALIDATION_EXPIRED, Code.UNSUPPORTED}
"""Refusals of the way it was asked: the same reference may be used when it is asked in the right way."""


@dataclass(slots=True)
class Desk:
    """Who decides for the brand."""

    terms: Terms
    books: Books
    clock: SimulatorClock
    decided: Callable[[Entry], None] = lambda _: None
    """Told of each entry that was pending and is no more."""

    def now(self) -> datetime:
        """The brand's own time."""
        ahead = timedelta(hours=1) if Flaw.WRONG_CLOCK in self.terms.flaws else timedelta()
        return self.clock.now() + ahead

    def move(self, order: Order, effect: Effect = None) -> Entry | Refused:
        """Do what is ordered, once: a second time it is `DUPLICATE_SAME`, or what was refused is refused again."""
        known = None if isinstance(effect, Unlooked) else self._known(order.reference)
        if known is not None and not _may_be_done_again(known):
            return self._again(order, known)
        return self._first(order, effect, known)

    def retry(self, name: str) -> Entry | Refused:
        """Try again what ended in a system error."""
        entry = self.books.by_name(name)
        if entry is None or entry.status is not EntryStatus.SYSTEM_ERROR:
            return Refused(Code.TRANSACTION_NOT_FOUND)
        return self._booked(entry)

    def inquire(self, name: str) -> Entry | None:
        """What became of a reference or an id."""
        if Flaw.FORGETS_INQUIRIES in self.terms.flaws:
            return None
        entry = self._known(name)
        if entry is None and Flaw.INVENTS_INQUIRIES in self.terms.flaws:
            return Entry(f"{self.terms.program}0", EntryKind.DEBIT, "", 1, self.now(), self.now(), reference=name)
        return None if entry is None or entry.hidden else entry

    def settle(self) -> None:
        """Decide what is pending and due."""
        if Flaw.NEVER_DECIDES in self.terms.flaws:
            return
        for entry in self.books.due(self.now()):
            self.decided(self._booked(entry) if entry.due_success else self._declined(entry))

    def open_member(self, member: Member) -> Member:
        """Admit a member, or change one: the points they are to have more or fewer are an entry of the brand's own."""
        before = self.books.members.get(member.number, Member(member.number))
        after = replace(member, held=before.held, link=before.link, tier=member.tier or self.terms.tiers[0])
        change = Change(members=(after,), entries=self._openings(after, after.balance - before.balance))
        self.books.write(change)
        return after

    def _openings(self, member: Member, more: int) -> tuple[Entry, ...]:
        if more == 0:
            return ()
        now, kind = self.now(), EntryKind.OPENING
        entry = Entry(self._next_id(), kind, member.number, more, now, now, booked_at=now, balance=member.available)
        return (entry,)

    def _known(self, name: str) -> Entry | None:
        entry = self.books.by_name(name)
        retention = self.terms.key_retention_seconds
        if entry is not None and retention is not None and entry.reference == name:
            return None if (self.now() - entry.created_at).total_seconds() > retention else entry
        return entry

    def _again(self, order: Order, known: Entry) -> Entry | Refused:
        flaws = self.terms.flaws
        if Flaw.BOOKS_TWICE in flaws:
            return self._first(order, None, None)
        if not self._is_same(order, known) and Flaw.TAKES_CHANGED_DUPLICATES not in flaws:
            return Refused(Code.DUPLICATE_CHANGED, original_id=known.id)
        if known.status is EntryStatus.FAILURE and known.code:
            return Refused(known.code, original_id=known.id)
        return Refused(Code.DUPLICATE_SAME, original_id=known.id)

    def _is_same(self, order: Order, known: Entry) -> bool:
        same = (order.kind, order.amount) == (known.kind, known.amount)
        if order.original is not None:
            original = self.books.by_name(order.original)
            same = same and (original.id if original else None) == known.original_id
        return same and order.number in {None, known.number}

    def _first(self, order: Order, effect: Effect, known: Entry | None) -> Entry | Refused:
        entry = self._drafted(order, known)
        refused = self._refused(order, entry) if not isinstance(effect, Refused) else effect
        if refused is not None:
            return refused if refused.code in _PRECONDITIONS else self._remembered(entry, refused)
        change = used(self.books, order)
        effect = effect or self._usual_effect()
        match effect:
            case Stumble():
                return self._kept(replace(entry, status=EntryStatus.SYSTEM_ERROR), change)
            case NowPending():
                due_at = self.now() + timedelta(seconds=effect.seconds)
                waiting = replace(entry, status=EntryStatus.PENDING, due_at=due_at, due_success=effect.succeeds)
                return self._kept(replace(waiting, hidden=effect.hidden), change)
            case _:
                return self._booked(entry, change)

    def _usual_effect(self) -> Effect:
        seconds = self.terms.answers_later_seconds
        return None if seconds is None else NowPending(seconds)

    def _drafted(self, order: Order, known: Entry | None) -> Entry:
        original = self.books.by_name(order.original) if order.original else None
        number = order.number or (original.number if original else "")
        now = self.now()
        return Entry(
            id=known.id if known else self._next_id(),
            kind=order.kind,
            number=number,
            amount=self._rounded(order.amount),
            created_at=now,
            updated_at=now,
            reference=order.reference,
            original_id=original.id if original else None,
            reversed_kind=original.kind if original and order.kind is EntryKind.REVERSAL else None,
        )

    def _next_id(self) -> str:
        return self.books.next_id(self.terms.program)

    def _rounded(self, amount: int) -> int:
        unit = 10**self.terms.decimals
        return amount - amount % unit if Flaw.ROUNDS in self.terms.flaws else amount

    def _refused(self, order: Order, entry: Entry) -> Refused | None:
        if order.kind not in MOVES and not self._belongs(entry):
            return Refused(Code.ORIGINAL_NOT_FOUND)
        member = self._member(entry.number)
        if member is None:
            return Refused(Code.MEMBER_NOT_FOUND)
        if self.terms.amount_max is not None and entry.amount > self.terms.amount_max:
            return Refused(Code.LIMIT_EXCEEDED)
        if order.kind in MOVES:
            return validation_refused(self.terms, self.books, order, member, self.now()) or self._too_few(entry)
        return self._follow_up_refused(entry) or self._too_few(entry)

    def _belongs(self, entry: Entry) -> bool:
        """Whether what it follows up is this member's."""
        original = self.books.entries.get(entry.original_id or "")
        return original is not None and original.number == entry.number

    def _follow_up_refused(self, entry: Entry) -> Refused | None:
        original = self.books.entries.get(entry.original_id or "")
        if entry.kind is EntryKind.REVERSAL:
            return reversal_refused(self.terms, entry, original, self.now())
        return release_refused(self.terms, entry, original)

    def _refused_by_now(self, entry: Entry) -> Refused | None:
        """Why what was fine when it came cannot be done any more."""
        return (None if entry.kind in MOVES else self._follow_up_refused(entry)) or self._too_few(entry)

    def _too_few(self, entry: Entry) -> Refused | None:
        member = self._member(entry.number)
        if member is None:
            return Refused(Code.MEMBER_NOT_FOUND)
        wanted = entry.amount if entry.kind is EntryKind.HOLD else -entry.signed
        spends = wanted > 0 and entry.kind is not EntryKind.CAPTURE
        if spends and wanted > member.available and Flaw.OVERDRAWS not in self.terms.flaws:
            return Refused(Code.INSUFFICIENT_BALANCE)
        return None

    def _member(self, number: str) -> Member | None:
        if number not in self.books.members and number and Flaw.KNOWS_EVERYBODY in self.terms.flaws:
            self.open_member(Member(number))
        return self.books.members.get(number)

    def _booked(self, entry: Entry, change: Change | None = None) -> Entry:
        """The entry in the books with what it does to its member and its original; or its failure, if it cannot be."""
        change = change or Change()
        waited = entry.status is not EntryStatus.SUCCESS
        refused = self._refused_by_now(entry) if waited else None
        if refused is not None:
            return self._kept(replace(entry, status=EntryStatus.FAILURE, code=refused.code), change)
        member, originals = _moved(self.books, entry)
        now = self.now()
        entry = replace(
            entry, status=EntryStatus.SUCCESS, booked_at=now, due_at=None, hidden=False, updated_at=now,
            balance=member.available,
        )  # fmt: skip
        self.books.write(replace(change, members=(member,), entries=(*originals, entry)))
        return entry

    def _declined(self, entry: Entry) -> Entry:
        return self._kept(replace(entry, status=EntryStatus.FAILURE, code=Code.DECLINED), Change())

    def _kept(self, entry: Entry, change: Change) -> Entry:
        final = entry.status is not EntryStatus.PENDING
        entry = replace(entry, updated_at=self.now(), hidden=entry.hidden and not final)
        entry = replace(entry, due_at=None) if final else entry
        self.books.write(replace(change, entries=(entry,)))
        return entry

    def _remembered(self, entry: Entry, refused: Refused) -> Refused:
        self._kept(replace(entry, status=EntryStatus.FAILURE, code=refused.code), Change())
        return replace(refused, original_id=entry.id)


def _may_be_done_again(known: Entry) -> bool:
    """Whether nothing stands in the books yet, and the caller may well send it again."""
    return known.status is EntryStatus.SYSTEM_ERROR or known.hidden


def _moved(books: Books, entry: Entry) -> tuple[Member, tuple[Entry, ...]]:
    """The member and the original as they are after the entry."""
    member = books.members[entry.number]
    original = books.entries.get(entry.original_id or "")
    match entry.kind:
        case EntryKind.HOLD:
            return replace(member, held=member.held + entry.amount), ()
        case EntryKind.CAPTURE | EntryKind.RELEASE if original is not None:
            held = member.held - original.left
            after = replace(member, balance=member.balance + entry.signed, held=held)
            return after, (replace(original, undone=original.amount),)
        case EntryKind.REVERSAL if original is not None:
            after = replace(member, balance=member.balance + entry.signed)
            return after, (replace(original, undone=original.undone + entry.amount),)
        case _:
            return replace(member, balance=member.balance + entry.signed), ()
