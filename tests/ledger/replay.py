"""The model of the ledger, made fast enough for long histories: it undoes changes instead of copying everything.

It also shows the model only those lots that can matter to a transfer: what is left on its accounts, and what the
transfer it refers to has opened.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from ledger import Account, Outcome, Transfer
from tests.ledger.model import Model
from tests.ledger.model_state import Answer, ModelAccount, ModelLot, State

if TYPE_CHECKING:
    from _collections_abc import dict_values

_MISSING = object()
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Change = tuple[dict[Any, Any], Any, Any]
"""A dictionary, a key in it, and what was there."""


class Traced(dict[_Key, _Value]):
    """A dictionary that notes what it held; what is put into it notes its changes too."""

    def __init__(self, changes: list[Change], items: Iterable[tuple[_Key, _Value]] = ()) -> None:
        super().__init__(items)
        self.changes = changes

    def __setitem__(self, key: _Key, value: _Value) -> None:
        self.changes.append((self, key, self.get(key, _MISSING)))
        super().__setitem__(key, self.traced(value))

    def setdefault(self, key: _Key, default: _Value = None) -> _Value:  # type: ignore[assignment]
        """As a dictionary does."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, items: Any = (), /, **named: Any) -> None:
        """As a dictionary does."""
        for key, value in dict(items, **named).items():
            self[key] = value

    def traced(self, value: Any) -> Any:
        """The value, noting its changes from now on."""
        if isinstance(value, dict) and not isinstance(value, Traced):
            return Traced(self.changes, value.items())
        for plain, traced in _TRACED.items():
            if type(value) is plain:
                value.__dict__["changes"] = self.changes
                value.__class__ = traced
        return value


class _Lots(Traced[UUID, ModelLot]):
    """All lots; those that matter to the transfer in question when they are walked through."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__(changes)
        self.in_question: Transfer | None = None
        self.of_account: defaultdict[UUID, dict[UUID, ModelLot]] = defaultdict(dict)
        self.of_transfer: defaultdict[UUID | None, dict[UUID, ModelLot]] = defaultdict(dict)

    def __setitem__(self, key: UUID, lot: ModelLot) -> None:
        super().__setitem__(key, lot)
        lot.__dict__["shelf"] = self.of_account[lot.account_id]
        self.of_account[lot.account_id][key] = self.of_transfer[lot.transfer_id][key] = lot

    def values(self) -> "dict_values[UUID, ModelLot]":
        """The lots that matter."""
        transfer = self.in_question
        assert transfer is not None, "a transfer is tried"
        found = self.of_account[transfer.debit_account_id] | self.of_account[transfer.credit_account_id]
        for transfer_id in (transfer.id, transfer.reverses_id, transfer.lots_of):
            found |= self.of_transfer[transfer_id]
        return {key: lot for key, lot in found.items() if key in self}.values()

    def clear_shelves(self) -> None:
        """Forget the lots with nothing left; they come back when something is given back to them."""
        for shelf in self.of_account.values():
            for key in [key for key, lot in shelf.items() if not lot.remaining]:
                del shelf[key]


class _Notes:
    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__["changes"].append((self.__dict__, name, self.__dict__.get(name, _MISSING)))
        self.__dict__[name] = value


class _TracedAccount(_Notes, ModelAccount):
    """An account that notes its changes."""


class _TracedLot(_Notes, ModelLot):
    """A lot that notes its changes, and stands on its account's shelf as soon as something is put into it."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        self.__dict__["shelf"][self.id] = self


class _TracedAnswer(_Notes, Answer):
    """An answer that notes its changes."""


_TRACED: dict[type, type] = {ModelAccount: _TracedAccount, ModelLot: _TracedLot, Answer: _TracedAnswer}


class _TracedState(State):
    """A state whose copy is a place in its history."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.shelved = _Lots(self.changes)
        accounts: Traced[UUID, ModelAccount] = Traced(self.changes)
        answers: Traced[UUID, Answer] = Traced(self.changes)
        super().__init__(accounts, {}, answers, self.shelved, Traced(self.changes))

    def copied(self) -> "State":
        """What gets back to the state as it is now."""
        return _Mark(self, len(self.changes))


class _Mark(State):
    def __init__(self, state: _TracedState, place: int) -> None:
        super().__init__()
        self.state = state
        self.place = place

    def restore(self) -> None:
        """Undo what was done since."""
        changes = self.state.changes
        while len(changes) > self.place:
            holder, key, before = changes.pop()
            if before is _MISSING:
                dict.pop(holder, key)
            else:
                dict.__setitem__(holder, key, before)


class Replay(Model):
    """The oracle for long histories."""

    def __init__(self, assets: set[str]) -> None:
        super().__init__(assets)
        self._state = _TracedState()

    def post(self, batch: list[Transfer], accounts: list[Account], now: datetime) -> list[Outcome]:
        """As the model does."""
        self._state.changes.clear()
        self._state.shelved.clear_shelves()
        return super().post(batch, accounts, now)

    def _try(self, transfer: Transfer, at: datetime) -> Outcome:
        self._state.shelved.in_question = transfer
        return super()._try(transfer, at)

    @property
    def state(self) -> State:
        """Everything the ledger remembers."""
        return self._state

    @state.setter
    def state(self, value: State) -> None:
        if isinstance(value, _Mark):
            value.restore()
