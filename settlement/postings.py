"""The transfers of a window's settlement. Pure: ids are derived from the window, so that posting again posts nothing.

At the close, what each creditor will be paid is reserved in its position, because the window after may use up the
rest of it before the netting is posted. Netting turns each position into an amount due or owed.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from brands.accounts import due_account, owed_account
from core.codes import Code
from core.ids import derive_id
from ledger import Account, Kind, Transfer, account_id
from settlement.figures import Position

POSITION_ASSET = "CNY"


def position_account_id(participant_id: UUID) -> UUID:
    """The ledger account of a participant's position."""
    return account_id(participant_id, POSITION_ASSET, "position")


def counter_accounts(positions: Iterable[Position]) -> list[Account]:
    """The accounts that netting posts against, to be opened where they are missing."""
    return [_counter(position) for position in positions if position.settled]


def reservation(window_id: UUID, position: Position) -> Transfer:
    """Sets aside what a creditor will be paid."""
    return Transfer(
        id=_id(window_id, "reserve", position),
        debit_account_id=position_account_id(position.participant_id),
        credit_account_id=owed_account(position.participant_id).id,
        amount=position.settled,
        code=Code.NETTING,
        kind=Kind.PENDING,
        reference=window_id,
    )


def netting(window_id: UUID, positions: Iterable[Position], reserved: frozenset[UUID]) -> Iterator[Transfer]:
    """One linked group: each debtor's position becomes due, each creditor's becomes owed."""
    for position in positions:
        if position.settled:
            yield _netting(window_id, position, reserved=position.participant_id in reserved)


def netting_id(window_id: UUID, participant_id: UUID) -> UUID:
    """The transfer that nets a participant's position of a window."""
    return derive_id(window_id, f"net:{participant_id}")


def release(window_id: UUID, position: Position) -> Transfer:
    """Gives back what was set aside for a window that is aborted before it is netted."""
    return _resolve(window_id, position, "release", Kind.VOID)


def undoing(window_id: UUID, positions: Iterable[Position]) -> Iterator[Transfer]:
    """One linked group that takes the netting back."""
    for position in positions:
        if position.settled:
            debit, credit = _sides(position)
            yield Transfer(
                id=_id(window_id, "undo", position),
                debit_account_id=credit,
                credit_account_id=debit,
                amount=abs(position.settled),
                code=Code.NETTING,
                group_id=derive_id(window_id, "undo"),
                reverses_id=netting_id(window_id, position.participant_id),
                reference=window_id,
            )


def _netting(window_id: UUID, position: Position, *, reserved: bool) -> Transfer:
    if reserved:
        return _resolve(window_id, position, "net", Kind.POST, group_id=derive_id(window_id, "net"))
    debit, credit = _sides(position)
    return Transfer(
        id=_id(window_id, "net", position),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=abs(position.settled),
        code=Code.NETTING,
        group_id=derive_id(window_id, "net"),
        reference=window_id,
    )


def _resolve(window_id: UUID, position: Position, label: str, kind: Kind, *, group_id: UUID | None = None) -> Transfer:
    debit, credit = _sides(position)
    return Transfer(
        id=_id(window_id, label, position),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=position.settled,
        code=Code.NETTING,
        kind=kind,
        group_id=group_id,
        pending_id=_id(window_id, "reserve", position),
        reference=window_id,
    )


def _sides(position: Position) -> tuple[UUID, UUID]:
    own, counter = position_account_id(position.participant_id), _counter(position).id
    return (own, counter) if position.settled > 0 else (counter, own)


def _counter(position: Position) -> Account:
    open_account = owed_account if position.settled > 0 else due_account
    return open_account(position.participant_id)


def _id(window_id: UUID, label: str, position: Position) -> UUID:
    return derive_id(window_id, f"{label}:{position.participant_id}")
