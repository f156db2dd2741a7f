"""What the state machine asks for: batches in which everything that can go wrong does, now and then."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from core.ids import derive_id
from ledger import Balancing, Kind, LotTerms, Status, Transfer
from tests.ledger.model import Model
from tests.ledger.model_state import ALWAYS

KINDS = (
    [Kind.SINGLE] * 18 + [Kind.PENDING] * 7 + [Kind.LOT_EXPIRY] * 2 + [Kind.CLOSE, Kind.POST, Kind.VOID, Kind.EXPIRE]
)
ODD_AMOUNTS = [0, -1, 2**62, 2**63 - 1, 2**63]
HOURS = [None, None, -25, -1, 1, 24, 48, 90]
ENDS = {Kind.POST, Kind.VOID, Kind.EXPIRE}


class Wishes:
    """Makes transfers between these accounts, and remembers them."""

    def __init__(self, account_ids: Sequence[UUID], next_id: Callable[[], UUID]) -> None:
        self.account_ids = account_ids
        self.next_id = next_id
        self.sent: list[Transfer] = []
        self.recorded: list[Transfer] = []

    def batch(self, random: Random, now: datetime) -> list[Transfer]:
        """One to eight transfers, some of them linked."""
        batch: list[Transfer] = []
        group: UUID | None = None
        for _ in range(random.randint(1, 8)):
            group = random.choice([group, group, group, None, None, None, self.next_id()])
            wish = self.wish(random, now)
            if all(wish.id != earlier.id for earlier in self.sent):
                wish = replace(wish, group_id=group)
            self.sent.append(wish)
            batch.append(wish)
        return batch

    def wish(self, random: Random, now: datetime) -> Transfer:
        """Something new, something about an earlier transfer, or an earlier one again."""
        choice = random.choice(["new"] * 16 + ["about"] * 10 + ["again", "changed"])
        if choice == "new" or not self.sent:
            return self.fresh(random, now)
        earlier = random.choice((self.recorded if self.recorded and random.random() < 0.8 else self.sent)[-30:])
        if choice == "again":
            return earlier
        return self.changed(random, earlier, now) if choice == "changed" else self.about(random, earlier)

    def fresh(self, random: Random, now: datetime) -> Transfer:
        """A transfer of any kind between any two accounts, most often one that makes sense."""
        debit, credit = self.pair(random)
        kind = random.choice(KINDS)
        amount = random.choice(ODD_AMOUNTS) if random.random() < 0.05 else random.randint(1, 60)
        wish = Transfer(self.next_id(), debit, credit, amount, 1, kind)
        if (kind is Kind.PENDING) is (random.random() < 0.97):
            wish = replace(wish, timeout_seconds=random.choice([None, 3_600, 90_000, 90_000, 0]))
        if kind is Kind.LOT_EXPIRY:
            wish = replace(wish, amount=0, event_time=random.choice([now, now, now, None]))
        if kind is Kind.CLOSE:
            wish = replace(wish, amount=random.choice([0, 0, 5]))
        if kind in ENDS:
            wish = replace(wish, pending_id=random.choice([None, self.next_id()]))
        return replace(wish, **self.terms(random, now, kind))

    def pair(self, random: Random) -> tuple[UUID, UUID]:
        """Two accounts: mostly points, and mostly earning or spending."""
        ann, bob, held, issued, shop, stock = self.account_ids[:6]
        usual = [(issued, ann)] * 5 + [(issued, bob)] * 3 + [(ann, issued)] * 3 + [(ann, held)] * 3
        usual += [(held, issued), (bob, ann), (issued, shop), (shop, issued), (stock, issued), (issued, stock)]
        if random.random() < 0.9:
            return random.choice(usual)
        return random.choice(self.account_ids), random.choice(self.account_ids)

    def terms(self, random: Random, now: datetime, kind: Kind) -> dict[str, Any]:
        """What else a transfer may say."""
        terms: dict[str, Any] = {}
        if random.random() < 0.5:
            terms["lot"] = self.lot(random, now)
        if random.random() < 0.08:
            terms["event_time"] = self.instant(random, now) or now
        if random.random() < 0.1 and kind is not Kind.CLOSE:
            terms["balancing"] = Balancing(random.randint(1, 3))
        if random.random() < 0.05:
            terms["reference"] = self.account_ids[0]
        return terms

    def lot(self, random: Random, now: datetime) -> LotTerms:
        """Lot terms, now and then impossible ones."""
        return LotTerms(
            self.instant(random, now),
            self.instant(random, now) if random.random() < 0.3 else None,
            random.choice([None, self.account_ids[0]]),
            random.choice([0, 7, 7, 7, 9, 9, 9, -1]),
        )

    @staticmethod
    def instant(random: Random, now: datetime) -> datetime | None:
        """Some time around now."""
        hours = random.choice(HOURS)
        return None if hours is None else now + timedelta(hours=hours)

    def about(self, random: Random, earlier: Transfer) -> Transfer:
        """The end, the reversal, the capture or the refund of an earlier transfer."""
        amount = random.choice([earlier.amount, earlier.amount, earlier.amount // 2, 0, 1, 10, 61])
        there = (self.next_id(), earlier.debit_account_id, earlier.credit_account_id)
        back = (there[0], there[2], there[1])
        if earlier.kind is Kind.PENDING or random.random() < 0.05:
            kind = random.choice([Kind.POST, Kind.POST, Kind.VOID, Kind.EXPIRE])
            accounts = random.choice([there, there, there, there, back, (there[0], self.account_ids[0], there[2])])
            return Transfer(*accounts, 0 if kind is Kind.EXPIRE else amount, 1, kind, pending_id=earlier.id)
        ann, bob, held, issued = self.account_ids[:4]
        return random.choice(
            [
                Transfer(*back, amount, 1, reverses_id=earlier.id),
                Transfer(*back, amount, 1, reverses_id=earlier.id),
                Transfer(*back, amount, 1, lots_of=earlier.id),
                Transfer(there[0], earlier.credit_account_id, issued, amount, 1, lots_of=earlier.id),
                Transfer(there[0], issued, earlier.debit_account_id, amount, 1, lots_of=earlier.id),
                Transfer(there[0], held, bob, amount, 1, lots_of=earlier.id),
                Transfer(there[0], bob, ann, amount, 1, lots_of=earlier.id),
                Transfer(there[0], held, ann, amount, 1, lots_of=earlier.id, lot=LotTerms(unit_cost=3)),
            ]
        )

    def changed(self, random: Random, earlier: Transfer, now: datetime) -> Transfer:
        """An earlier transfer with something else in one place."""
        some = self.next_id()
        changes: list[dict[str, Any]] = [
            {"kind": Kind.PENDING if earlier.kind is Kind.SINGLE else Kind.SINGLE},
            {"amount": earlier.amount + 1},
            {"code": 2},
            {"code": -1},
            {"reference": some},
            {"group_id": some},
            {"debit_account_id": some},
            {"credit_account_id": some},
            {"id": UUID(int=self.account_ids[0].int)},
            {"event_time": now},
            {"lot": LotTerms(unit_cost=3)},
            {"reverses_id": some},
            {"lots_of": some},
            {"pending_id": some},
            {"timeout_seconds": 5},
            {"balancing": Balancing.DEBIT},
        ]
        return replace(earlier, **random.choice(changes))

    def timed_out(self, model: Model, now: datetime) -> list[Transfer]:
        """What the sweeper must post."""
        due = [
            answer
            for answer in model.state.answers.values()
            if answer.transfer.kind is Kind.PENDING
            and answer.outcome.status is Status.CREATED
            and answer.resolution is None
            and answer.times_out_at is not None
            and answer.times_out_at <= now
        ]
        due.sort(key=lambda answer: (answer.times_out_at, answer.transfer.id.bytes))
        return [self.release(answer.transfer) for answer in due]

    @staticmethod
    def release(pending: Transfer) -> Transfer:
        """The time-out of a pending transfer."""
        accounts = (pending.debit_account_id, pending.credit_account_id)
        end = derive_id(pending.id, "expire")
        return Transfer(end, *accounts, 0, 1, Kind.EXPIRE, pending_id=pending.id, reference=pending.reference)

    def expired(self, model: Model, asset: str, into: UUID, now: datetime) -> list[Transfer]:
        """What the expiry must post."""
        accounts, closed_until = model.state.accounts, model.state.closed_until.get(asset, ALWAYS)
        due = {
            (max(lot.expires_at, closed_until + timedelta(microseconds=1)), lot.account_id)
            for lot in model.state.lots.values()
            if lot.remaining and lot.expires_at <= now and not accounts[lot.account_id].closed
        }
        ordered = sorted(due, key=lambda item: (item[0], item[1].bytes))
        return [Transfer(self.next_id(), i, into, 0, 4, Kind.LOT_EXPIRY, event_time=at) for at, i in ordered]
