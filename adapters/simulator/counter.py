"""What callers ask of the brand, answered by the books: the same for both doors."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.simulator.books import Books, Change, Entry, Member, Validation
from adapters.simulator.desk import Desk
from adapters.simulator.orders import Code, Refused
from adapters.simulator.terms import Flaw, Terms
from adapters.simulator.validating import member_refused
from core.amounts import format_amount
from core.ids import new_id

_HEADERS = "transaction,reference,member,type,amount,day,recorded_at"


@dataclass(frozen=True, slots=True)
class Page:
    """Some movements, and where the next ones begin."""

    entries: list[Entry]
    next: str | None


@dataclass(slots=True)
class Counter:
    """Everything but moving points: members, validations, links, lists and statements."""

    terms: Terms
    books: Books
    desk: Desk

    def member(self, number: str, last_name: str | None = None) -> Member | Refused:
        """The member with this number, if they may be dealt with."""
        member = self.books.members.get(number)
        if member is None and Flaw.KNOWS_EVERYBODY in self.terms.flaws:
            member = self.desk.open_member(Member(number))
        return member_refused(member, last_name) or member or Refused(Code.MEMBER_NOT_FOUND)

    def validate(self, number: str, last_name: str | None) -> tuple[Validation, Member] | Refused:
        """A new validation of the member, good for one instruction."""
        member = self.member(number, last_name)
        if isinstance(member, Refused):
            return member
        validation = Validation(f"mv_{new_id().hex}", number, self.desk.now())
        self.books.write(Change(validations=(validation,)))
        return validation, member

    def expiry(self, validation: Validation) -> datetime:
        """Until when it may be used."""
        return validation.created_at + timedelta(seconds=self.terms.validation_seconds)

    def link(self, number: str, last_name: str | None) -> Member | Refused:
        """Tie the member to the network; a second time it is the same link."""
        member = self.member(number, last_name)
        if isinstance(member, Refused) or member.link is not None:
            return member
        linked = replace(member, link=f"lnk_{new_id().hex}")
        self.books.write(Change(members=(linked,)))
        return linked

    def unlink(self, number: str) -> Member | Refused:
        """Untie the member."""
        member = self.books.members.get(number)
        if member is None:
            return Refused(Code.MEMBER_NOT_FOUND)
        if member.link is None:
            return Refused(Code.NOT_LINKED)
        unlinked = replace(member, link=None)
        self.books.write(Change(members=(unlinked,)))
        return unlinked

    def movements(self, after: datetime, until: datetime, limit: int, cursor: str | None) -> Page:
        """Movements booked in (after, until], oldest first, from the cursor on."""
        listed = [entry for entry in self.books.movements() if entry.booked_at and after < entry.booked_at <= until]
        if Flaw.OMITS_FROM_LIST in self.terms.flaws:
            listed = listed[:-1]
        start = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() else 0
        stop = start + limit
        return Page(listed[start:stop], str(stop) if stop < len(listed) else None)

    def statement(self, day: date) -> str:
        """The movements of a day in the program's time zone as CSV, with a control row at the end."""
        zone = ZoneInfo(self.terms.time_zone)
        lines = [entry for entry in self.books.movements() if _day(entry, zone) == day]
        if Flaw.OMITS_FROM_STATEMENT in self.terms.flaws:
            lines = lines[:-1]
        total = format_amount(sum(entry.signed for entry in lines), self.terms.decimals)
        control = f"TOTAL,{len(lines)},{self.terms.program},,{total},{day},{day}"
        return "\n".join([_HEADERS, *(self._line(entry, zone) for entry in lines), control, ""])

    def _line(self, entry: Entry, zone: ZoneInfo) -> str:
        amount = format_amount(entry.signed, self.terms.decimals)
        booked_at = (entry.booked_at or entry.created_at).astimezone(zone)
        reference = entry.reference or ""
        fields = (entry.id, reference, entry.number, entry.kind, amount, str(booked_at.date()), booked_at.isoformat())
        return ",".join(fields)


def _day(entry: Entry, zone: ZoneInfo) -> date | None:
    return entry.booked_at.astimezone(zone).date() if entry.booked_at else None
