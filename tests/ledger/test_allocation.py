"""Taking from lots and giving back to them, by itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ledger.allocation import AT_ONCE, FOREVER, LotState, Shelf, give_back, given_back, own_use, take, take_all, total

NOW = datetime(2026, 1, 15, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lot(number: int, remaining: int, expires_at: datetime = FOREVER, available_at: datetime = AT_ONCE) -> LotState:
    """A lot with this id and this much left."""
    identifier = UUID(int=number)
    return LotState(identifier, identifier, identifier, remaining, remaining, expires_at, available_at, 0)


def test_take_stops_when_it_has_enough() -> None:
    """Lots in the order given, empty ones passed over; what is not there cannot be taken."""
    lots = [lot(1, 3), lot(2, 0), lot(3, 4), lot(4, 1)]
    assert take(lots, 3) == ((lots[0], 3),)
    assert take(lots, 4) == ((lots[0], 3), (lots[2], 1))
    assert take(lots, 8) == ((lots[0], 3), (lots[2], 4), (lots[3], 1))
    assert take(lots, 9) is None
    assert take([], 1) is None


def test_take_all() -> None:
    """Everything that is left, and nothing of nothing."""
    lots = [lot(1, 3), lot(2, 4)]
    assert take_all(lots) == ((lots[0], 3), (lots[1], 4))
    assert take_all([]) == ()
    assert total(take_all(lots)) == 7


def test_give_back_latest_expiring_first() -> None:
    """In the reverse of the order of taking; never more than was taken."""
    first, second, third = lot(1, 0, NOW), lot(2, 0, NOW + HOUR), lot(3, 0, NOW + HOUR)
    uses = ((second, 2), (first, 5), (third, 1))
    assert give_back(uses, 1) == ((third, -1),)
    assert give_back(uses, 2) == ((third, -1), (second, -1))
    assert give_back(uses, 8) == ((third, -1), (second, -2), (first, -5))
    assert give_back(uses, 9) is None
    assert give_back(((first, 0), (second, 1)), 1) == ((second, -1),)


def test_own_use() -> None:
    """What passed through an expired lot into a grace lot is not a use of it, not even a single point."""
    taken, expired = lot(1, 0), lot(2, 0)
    uses = ((taken, 1), (expired, -1), (expired, 1))
    assert given_back(uses) == [(expired, -1)]
    assert own_use(uses) == {taken.id: (taken, 1)}


def test_a_shelf_is_in_order_however_it_is_filled() -> None:
    """First expiring first, then by id; a lot can be taken out again."""
    late, soon, same, never = lot(1, 1, NOW + HOUR), lot(3, 1, NOW), lot(2, 1, NOW), lot(4, 1)
    shelf = Shelf()
    for each in (late, never, soon, same):
        shelf.put(each)
    assert shelf.lots == [same, soon, late, never]
    shelf.remove(soon)
    assert shelf.lots == [same, late, never]


def test_what_a_shelf_has_to_spend() -> None:
    """From the instant of availability to just before the instant of expiry, and only while something is left."""
    lots = [
        lot(1, 1, NOW),
        lot(2, 1, NOW + HOUR),
        lot(3, 0),
        lot(4, 1, available_at=NOW),
        lot(5, 1, available_at=NOW + HOUR),
    ]
    shelf = Shelf()
    for each in lots:
        shelf.put(each)
    assert list(shelf.spendable(NOW)) == [lots[1], lots[3]]
    assert list(shelf.spendable(NOW - timedelta(microseconds=1))) == [lots[0], lots[1]]
    assert list(shelf.spendable(NOW + HOUR)) == [lots[3], lots[4]]
    assert list(shelf.expired(NOW)) == [lots[0]]
    assert list(shelf.expired(NOW - timedelta(microseconds=1))) == []
    assert list(shelf.remaining()) == [lots[0], lots[1], lots[3], lots[4]]


def test_a_shelf_of_used_up_lots_has_nothing() -> None:
    """However often it is asked."""
    shelf = Shelf()
    shelf.put(lot(1, 0))
    assert list(shelf.spendable(NOW)) == list(shelf.spendable(NOW)) == []
    assert datetime(1970, 1, 1, tzinfo=UTC) == AT_ONCE, "the table's epoch, which `lots` takes for: at once"


def test_used_up_lots_are_not_walked_past_again() -> None:
    """Until something is given back to one of them, or one is put before them."""
    lots = [lot(1, 0, NOW + HOUR), lot(2, 1, NOW + 2 * HOUR)]
    shelf = Shelf()
    for each in lots:
        shelf.put(each)
    assert list(shelf.spendable(NOW)) == [lots[1]]
    lots[0].remaining = 1
    assert list(shelf.spendable(NOW)) == [lots[1]]
    shelf.refresh()
    assert list(shelf.spendable(NOW)) == lots
    lots[0].remaining = 0
    assert list(shelf.spendable(NOW)) == [lots[1]]
    before = lot(3, 1, NOW + HOUR / 2)
    shelf.put(before)
    assert list(shelf.spendable(NOW)) == [before, lots[1]]
    before.remaining = 0
    assert list(shelf.spendable(NOW)) == [lots[1]]
    shelf.remove(before)
    lots[0].remaining = 1
    assert list(shelf.spendable(NOW)) == lots
