"""The ledger as an oracle: slow, in memory, and written from the documented semantics, not from the ledger's code.

A batch is taken transfer by transfer. Each is tried on a copy of the whole state; a group is tried on one copy. What
is refused leaves no trace but its answer.
"""

from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from ledger import Account, Outcome, Status, Transfer
from tests.ledger.model_attempt import Attempt
from tests.ledger.model_form import check_form
from tests.ledger.model_state import ALWAYS, MICROSECOND, Answer, ModelAccount, ModelLot, Refused, State, refuse_if

FIELDS = (
    "kind",
    "debit_account_id",
    "credit_account_id",
    "amount",
    "code",
    "group_id",
    "pending_id",
    "reverses_id",
    "lots_of",
    "timeout_seconds",
    "event_time",
    "reference",
    "balancing",
    "lot",
)


class Model:
    """The oracle. `assets` are those that are open."""

    def __init__(self, assets: set[str]) -> None:
        self.assets = assets
        self.state = State()

    def counters(self, accounts: list[Account]) -> dict[UUID, tuple[int, int, int, int]]:
        """The counters of these accounts; zeros before they are opened."""
        known = self.state.accounts
        return {a.id: known[a.id].counters if a.id in known else (0, 0, 0, 0) for a in accounts}

    @property
    def lots(self) -> list[ModelLot]:
        """All lots, by id."""
        return sorted(self.state.lots.values(), key=lambda lot: lot.id.bytes)

    def post(self, batch: list[Transfer], accounts: list[Account], now: datetime) -> list[Outcome]:
        """What the ledger must answer, were it asked at `now`."""
        touched = {i for t in batch for i in (t.debit_account_id, t.credit_account_id)}
        for account in accounts:
            if account.id in touched and account.asset in self.assets and account.id not in self.state.accounts:
                self.state.accounts[account.id] = ModelAccount(account, credit_line=account.credit_line)
        last = max((self.state.accounts[i].last for i in touched if i in self.state.accounts), default=ALWAYS)
        at = max(now, last + MICROSECOND)
        runs = [list(run) for _, run in groupby(enumerate(batch), lambda e: e[1].group_id or e[0])]
        ids = [run[0][1].group_id for run in runs]
        broken: set[UUID | None] = {i for i in ids if i is not None and ids.count(i) > 1}
        outcomes: list[Outcome] = []
        for run in runs:
            outcomes += self._group([transfer for _, transfer in run], at, broken)
        return outcomes

    def _group(self, group: list[Transfer], at: datetime, broken: set[UUID | None]) -> list[Outcome]:
        first = [self._without_books(t, broken) for t in group]
        if any(first):
            exists = any(outcome and outcome.ok for outcome in first)
            rest = Status.GROUP_ALREADY_DECIDED if exists else Status.LINKED_FAILED
            if len(group) == 1:
                return [outcome for outcome in first if outcome]
            return [outcome or self._refuse(t, rest, at) for t, outcome in zip(group, first, strict=True)]
        before = self.state.copied()
        outcomes: list[Outcome] = []
        for place, transfer in enumerate(group):
            outcome = self._without_books(transfer, broken) or self._try(transfer, at)
            if not outcome.ok:
                self.state = before
                others = Status.LINKED_FAILED
                return [
                    self._remember_culprit(t, outcome, at) if i == place else self._refuse(t, others, at)
                    for i, t in enumerate(group)
                ]
            outcomes.append(outcome)
        return outcomes

    def _without_books(self, transfer: Transfer, broken: set[UUID | None]) -> Outcome | None:
        try:
            refuse_if(transfer.group_id in broken, Status.GROUP_BROKEN)
            check_form(transfer)
        except Refused as refused:
            return Outcome(transfer.id, refused.status, 0, None)
        answer = self.state.answers.get(transfer.id)
        if answer is None:
            return None
        for name in FIELDS:
            if getattr(answer.transfer, name) != getattr(transfer, name):
                return Outcome(transfer.id, Status(f"exists_with_different_{name}"), 0, None)
        first = answer.outcome
        status = Status.EXISTS if first.status is Status.CREATED else first.status
        return Outcome(transfer.id, status, first.amount, first.recorded_at)

    def _remember_culprit(self, transfer: Transfer, outcome: Outcome, at: datetime) -> Outcome:
        if outcome.recorded_at is None:
            return outcome
        return self._refuse(transfer, outcome.status, at)

    def _refuse(self, transfer: Transfer, status: Status, at: datetime) -> Outcome:
        again = self._without_books(transfer, set())
        if again is not None:
            return again
        outcome = Outcome(transfer.id, status, 0, at)
        self.state.answers[transfer.id] = Answer(transfer, outcome)
        for account_id in (transfer.debit_account_id, transfer.credit_account_id):
            if account_id in self.state.accounts:
                self.state.accounts[account_id].last = at
        return outcome

    def _try(self, transfer: Transfer, at: datetime) -> Outcome:
        before = self.state.copied()
        try:
            amount = Attempt(self.state, transfer, at).run()
        except Refused as refused:
            self.state = before
            return self._refuse(transfer, refused.status, at)
        outcome = Outcome(transfer.id, Status.CREATED, amount, at)
        timeout = transfer.timeout_seconds
        self.state.answers[transfer.id] = Answer(
            transfer, outcome, times_out_at=None if timeout is None else at + timedelta(seconds=timeout)
        )
        self.state.accounts[transfer.debit_account_id].last = at
        self.state.accounts[transfer.credit_account_id].last = at
        return outcome
