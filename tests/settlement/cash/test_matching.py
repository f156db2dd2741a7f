"""Which payment a movement belongs to, and when nobody but a person can say."""

from datetime import date
from uuid import UUID

import pytest

from settlement.cash.camt import BankEntry
from settlement.cash.matching import Allocation, OpenPayment, Rule, match
from settlement.cash.references import Referred, reference

HOTEL, COFFEE = UUID(int=1), UUID(int=2)


def due(place: int, who: UUID, fen: int, *, window: int = 1, incoming: bool = True) -> OpenPayment:
    """A payment at this place of the window; the participant's account carries its number."""
    return OpenPayment(UUID(int=window * 100 + place), Referred(window, place), who, incoming, fen, f"ACCOUNT{who.int}")


def entry(fen: int, text: str = "", *, end_to_end_id: str = "", account: str = "", key: str = "e") -> BankEntry:
    """A movement."""
    return BankEntry(key, fen, date(2026, 2, 3), end_to_end_id, text, account, "")


TWO = (due(1, HOTEL, 140_00), due(2, COFFEE, 65_00))


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (entry(140_00, f"for {reference(1, 1)}"), Allocation(TWO[0].id, 140_00, Rule.REFERENCE)),
        (entry(140_00, end_to_end_id=reference(1, 1)), Allocation(TWO[0].id, 140_00, Rule.REFERENCE)),
        (entry(100_00, reference(1, 1)), Allocation(TWO[0].id, 100_00, Rule.REFERENCE)),
        (entry(150_00, reference(1, 1)), Allocation(TWO[0].id, 140_00, Rule.REFERENCE)),
        (entry(65_00, account="ACCOUNT2"), Allocation(TWO[1].id, 65_00, Rule.ACCOUNT)),
        (entry(64_99, account="ACCOUNT2"), None),
        (entry(65_00, account="ACCOUNT1"), None),
        (entry(65_00), None),
        (entry(-140_00, reference(1, 1)), None),
        (entry(140_00, reference(9, 1)), None),
        (entry(205_00, f"{reference(1, 1)} and {reference(1, 2)}"), None),
        # A reference that names nothing open is not overruled by account and amount.
        (entry(65_00, reference(9, 1), account="ACCOUNT2"), None),
    ],
)
def test_one_movement(movement: BankEntry, expected: Allocation | None) -> None:
    assert match([movement], TWO) == ({} if expected is None else {"e": expected})


def test_two_payments_of_one_amount_from_one_account_are_left_to_a_person() -> None:
    twins = (due(1, HOTEL, 140_00), due(1, HOTEL, 140_00, window=2))
    assert match([entry(140_00, account="ACCOUNT1")], twins) == {}


def test_parts_add_up_and_no_more_is_taken_than_is_open() -> None:
    """Three receipts for one payment: the last one only in part, and nothing is left for a fourth."""
    receipts = [entry(60_00, reference(1, 1), key=f"e{number}") for number in range(4)]
    assert match(receipts, TWO) == {
        "e0": Allocation(TWO[0].id, 60_00, Rule.REFERENCE),
        "e1": Allocation(TWO[0].id, 60_00, Rule.REFERENCE),
        "e2": Allocation(TWO[0].id, 20_00, Rule.REFERENCE),
    }


def test_a_payout_is_found_among_payouts() -> None:
    payout = due(3, COFFEE, 65_00, incoming=False)
    movement = entry(-65_00, end_to_end_id=reference(1, 3))
    assert match([movement], [*TWO, payout]) == {"e": Allocation(payout.id, 65_00, Rule.REFERENCE)}
