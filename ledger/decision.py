"""Which transfers of a batch are recorded, and why the others are refused. Pure: no database, no clock.

Transfers are judged one after the other, each against the books as the earlier ones left them. A group is judged the
same way and undone as a whole when one of its transfers is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from ledger.allocation import own_use
from ledger.books import Books, Known, Original, Posting
from ledger.form import Form, form_of
from ledger.judgement import judge
from ledger.known import answer_again
from ledger.outcome import Outcome
from ledger.status import CREATED, Status
from ledger.timeout import times_out_at
from ledger.transfer import Kind, Transfer


@dataclass(frozen=True, slots=True)
class RefusalEntry:
    """A refused transfer that is to be remembered."""

    transfer: Transfer
    sequence: int
    status: Status


class Decision(Struct, gc=False):
    """What a batch comes to."""

    outcomes: list[Outcome] = []
    """One for each transfer, in order."""
    postings: list[Posting] = []
    """What is to be recorded, in order."""
    refusals: list[RefusalEntry] = []


def decide(transfers: Sequence[Transfer], books: Books) -> Decision:
    """Judge a batch. The books are left as the batch leaves them."""
    *_, decision = decide_in_portions(transfers, form_of(transfers), books, len(transfers))
    return decision


def decide_in_portions(transfers: Sequence[Transfer], form: Form, books: Books, portion: int) -> Iterator[Decision]:
    """Judge a batch, pausing after about `portion` transfers each time: one decision, as far as it has got.

    What was decided stays as it is; the last one is whole. No group is parted.
    """
    batch = _Batch(transfers, form, books)
    pause = portion
    for start, end in form.spans:
        if start >= pause:
            yield batch.decision
            pause = start + portion
        if end - start == 1:
            batch.alone(transfers[start], start)
        else:
            batch.together(transfers[start:end], start)
    yield batch.decision


def referenced_ids(transfers: Sequence[Transfer]) -> set[UUID]:
    """The earlier transfers that these refer to."""
    found: set[UUID | None] = set()
    for transfer in transfers:
        if transfer.pending_id or transfer.reverses_id or transfer.lots_of:
            found |= {transfer.pending_id, transfer.reverses_id, transfer.lots_of}
    return {identifier for identifier in found if identifier is not None}


class _Batch:
    def __init__(self, transfers: Sequence[Transfer], form: Form, books: Books) -> None:
        self.books = books
        self.decision = Decision()
        self.refusals = form.refusals
        self.referenced = set() if books.plain else referenced_ids(transfers)
        self.repeats = len({transfer.id for transfer in transfers}) < len(transfers)

    def alone(self, transfer: Transfer, sequence: int) -> None:
        """Answer a transfer that stands for itself."""
        outcome = self.answered(transfer, sequence) or self.fresh(transfer, sequence)
        self.decision.outcomes.append(outcome)

    def together(self, group: Sequence[Transfer], start: int) -> None:
        """Answer the transfers of a group."""
        answers = [self.answered(transfer, place) for place, transfer in enumerate(group, start)]
        if any(answers):
            remedy = Status.GROUP_ALREADY_DECIDED if any(a and a.ok for a in answers) else Status.LINKED_FAILED
            outcomes = [
                answer or self.refuse(transfer, start + place, remedy)
                for place, (transfer, answer) in enumerate(zip(group, answers, strict=True))
            ]
        else:
            outcomes = self._all_or_none(group, start)
        self.decision.outcomes.extend(outcomes)

    def _all_or_none(self, group: Sequence[Transfer], start: int) -> list[Outcome]:
        postings = self.decision.postings
        before = len(postings)
        outcomes: list[Outcome] = []
        for place, transfer in enumerate(group):
            # Its form was looked at; only the group itself may have answered the same id meanwhile.
            again = self.answered(transfer, start + place) if self.repeats else None
            outcome = again or self.fresh(transfer, start + place)
            if not outcome.ok:
                self._undo(before)
                return self._none(group, start, len(outcomes), outcome)
            outcomes.append(outcome)
        for posting in postings[before:]:
            posting.group_size = len(postings) - before
        return outcomes

    def _undo(self, before: int) -> None:
        postings = self.decision.postings
        for posting in reversed(postings[before:]):
            posting.undo()
            self.books.known.pop(posting.transfer.id, None)
            self.books.originals.pop(posting.transfer.id, None)
        del postings[before:]

    def _none(self, group: Sequence[Transfer], start: int, failed_at: int, culprit: Outcome) -> list[Outcome]:
        return [
            culprit if place == failed_at else self.refuse(transfer, start + place, Status.LINKED_FAILED)
            for place, transfer in enumerate(group)
        ]

    def answered(self, transfer: Transfer, sequence: int) -> Outcome | None:
        """The answer that does not depend on the state of the books, if there is one."""
        refusal = self.refusals[sequence]
        if refusal is not None:
            return Outcome(transfer.id, refusal, 0, None)
        known = self.books.known and self.books.known.get(transfer.id)
        return answer_again(known, transfer) if known else None

    def fresh(self, transfer: Transfer, sequence: int) -> Outcome:
        """Judge a transfer that was never answered."""
        verdict = judge(transfer, sequence, self.books)
        if isinstance(verdict, Status):
            return self.refuse(transfer, sequence, verdict)
        verdict.apply()
        self.decision.postings.append(verdict)
        if self.referenced and transfer.id in self.referenced:
            self.books.originals[transfer.id] = _original(verdict, self.books)
        return self._remember(transfer, CREATED, verdict.amount)

    def refuse(self, transfer: Transfer, sequence: int, status: Status) -> Outcome:
        """Refuse a transfer and remember it, unless its id already has an answer."""
        known = self.books.known.get(transfer.id)
        if known is not None:
            return answer_again(known, transfer)
        self.decision.refusals.append(RefusalEntry(transfer, sequence, status))
        return self._remember(transfer, status, 0)

    def _remember(self, transfer: Transfer, status: Status, amount: int) -> Outcome:
        recorded_at = self.books.recorded_at
        if self.repeats:
            self.books.known[transfer.id] = Known(transfer, status, amount, recorded_at)
        return Outcome(transfer.id, status, amount, recorded_at)


def _original(posting: Posting, books: Books) -> Original:
    transfer = posting.transfer
    if transfer.kind is Kind.POST and posting.original is not None:
        uses, uses_of = posting.original.uses, posting.original.uses_of
    else:
        uses = own_use(posting.uses)
        uses_of = transfer.id
    return Original(
        transfer,
        posting.amount,
        times_out_at(transfer, books.recorded_at),
        uses_of=uses_of,
        uses=uses,
        opened=posting.opened,
    )
