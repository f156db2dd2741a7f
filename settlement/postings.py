"""The transfers of a window's settlement. Pure: ids are derived from the window, so that posting again posts nothing.

At the close, what each creditor will be paid is reserved in its position, because the window after may use up the
rest of it before the netting is posted. Netting turns each position into an amount due or owed.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from brands import NETWORK_MODEL
from brands.accounts import MONEY, due_account, in_model, owed_account
from core.codes import Code
from core.ids import derive_id
from ledger import Account, Balancing, Kind, Transfer, account_id
from settlement.figures import Position
from settlement.windows import Window


def position_account_id(participant_id: UUID, model: str = NETWORK_MODEL) -> UUID:
    """The ledger account of a participant's position in a model."""
    return account_id(participant_id, MONEY.code, in_model("position", model))


def positions_of(window: Window, positions: Iterable[Position]) -> list[UUID]:
    """The accounts of the participants' positions in the window's model."""
    return [position_account_id(position.participant_id, window.model) for position in positions]


def counter_accounts(positions: Iterable[Position]) -> list[Account]:
    """The accounts that netting posts against, to be opened where they are missing."""
    found = list(positions)
    both = [
        open_account(p.participant_id) for p in found if p.both_ways for open_account in (due_account, owed_account)
    ]
    return [*(_counter(position) for position in found if position.settled), *both]


def reservation(window: Window, position: Position) -> Transfer:
    """Sets aside what a creditor will be paid."""
    return Transfer(
        id=_id(window.id, "reserve", position),
        debit_account_id=position_account_id(position.participant_id, window.model),
        credit_account_id=owed_account(position.participant_id).id,
        amount=position.settled,
        code=Code.NETTING,
        kind=Kind.PENDING,
        reference=window.id,
    )


def hold(window: Window, participant_id: UUID, amount: int) -> Transfer:
    """Holds up to `amount` in a position, until it is known what of it the participant will be paid."""
    return Transfer(
        id=hold_id(window.id, participant_id),
        debit_account_id=position_account_id(participant_id, window.model),
        credit_account_id=owed_account(participant_id).id,
        amount=amount,
        code=Code.NETTING,
        kind=Kind.PENDING,
        reference=window.id,
        balancing=Balancing.DEBIT,
    )


def hold_id(window_id: UUID, participant_id: UUID) -> UUID:
    """The transfer that holds all that a participant can come to be paid."""
    return derive_id(window_id, f"hold:{participant_id}")


def release_hold(window: Window, participant_id: UUID) -> Transfer:
    """Gives it back."""
    return Transfer(
        id=derive_id(window.id, f"release hold:{participant_id}"),
        debit_account_id=position_account_id(participant_id, window.model),
        credit_account_id=owed_account(participant_id).id,
        amount=0,
        code=Code.NETTING,
        kind=Kind.VOID,
        pending_id=hold_id(window.id, participant_id),
        reference=window.id,
    )


def netting(window: Window, positions: Iterable[Position], reserved: frozenset[UUID]) -> Iterator[Transfer]:
    """One linked group: each debtor's position becomes due, each creditor's becomes owed.

    Where not everything is set off, what is due as well as owed is posted between the two and touches no position.
    """
    for position in positions:
        if position.settled:
            yield _netting(window, position, reserved=position.participant_id in reserved)
        if position.both_ways:
            yield _both_ways(window, position)


def netting_id(window_id: UUID, participant_id: UUID) -> UUID:
    """The transfer that nets a participant's position of a window."""
    return derive_id(window_id, f"net:{participant_id}")


def release(window: Window, position: Position) -> Transfer:
    """Gives back what was set aside for a window that is aborted before it is netted."""
    return _resolve(window, position, "release", Kind.VOID)


def undoing(window: Window, positions: Iterable[Position]) -> Iterator[Transfer]:
    """One linked group that takes the netting back."""
    for position in positions:
        if position.settled:
            debit, credit = _sides(window, position)
            yield _undone(window, position, "undo", credit, debit, abs(position.settled), "net")
        if position.both_ways:
            who = position.participant_id
            accounts = owed_account(who).id, due_account(who).id
            yield _undone(window, position, "undo both", *accounts, position.both_ways, "both")


def _undone(
    window: Window, position: Position, label: str, debit: UUID, credit: UUID, amount: int, undone: str
) -> Transfer:
    return Transfer(
        id=_id(window.id, label, position),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=amount,
        code=Code.NETTING,
        group_id=derive_id(window.id, "undo"),
        reverses_id=_id(window.id, undone, position),
        reference=window.id,
    )


def _both_ways(window: Window, position: Position) -> Transfer:
    return Transfer(
        id=_id(window.id, "both", position),
        debit_account_id=due_account(position.participant_id).id,
        credit_account_id=owed_account(position.participant_id).id,
        amount=position.both_ways,
        code=Code.NETTING,
        group_id=derive_id(window.id, "net"),
        reference=window.id,
    )


def _netting(window: Window, position: Position, *, reserved: bool) -> Transfer:
    if reserved:
        return _resolve(window, position, "net", Kind.POST, group_id=derive_id(window.id, "net"))
    debit, credit = _sides(window, position)
    return Transfer(
        id=_id(window.id, "net", position),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=abs(position.settled),
        code=Code.NETTING,
        group_id=derive_id(window.id, "net"),
        reference=window.id,
    )


def _resolve(window: Window, position: Position, label: str, kind: Kind, *, group_id: UUID | None = None) -> Transfer:
    debit, credit = _sides(window, position)
    return Transfer(
        id=_id(window.id, label, position),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=position.settled,
        code=Code.NETTING,
        kind=kind,
        group_id=group_id,
        pending_id=_id(window.id, "reserve", position),
        reference=window.id,
    )


def _sides(window: Window, position: Position) -> tuple[UUID, UUID]:
    own, counter = position_account_id(position.participant_id, window.model), _counter(position).id
    return (own, counter) if position.settled > 0 else (counter, own)


def _counter(position: Position) -> Account:
    open_account = owed_account if position.settled > 0 else due_account
    return open_account(position.participant_id)


def _id(window_id: UUID, label: str, position: Position) -> UUID:
    return derive_id(window_id, f"{label}:{position.participant_id}")
