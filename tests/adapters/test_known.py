"""What templates are tried on when a network file is applied is what they are given when a brand is called."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.brand_systems import known
from adapters.brand_systems.figures import Figures, Unreadable
from brands.adapter.kinds import AmountForm, Call
from brands.adapter.known import sample
from core.ids import new_id
from exchange.brand_system import FollowUp, Instruction, Leg, MemberReference, Operation, Reference

NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)
ANN = MemberReference("10001", "Ann", "token")
DEBIT = Reference(new_id(), Leg.SOURCE, Operation.DEBIT)


def shape(value: Any) -> Any:
    """Its keys, all the way down."""
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize("form", AmountForm)
def test_samples_have_the_shape_of_what_is_given(form: AmountForm) -> None:
    """Key by key, for every call."""
    figures = Figures(form, 2, 2, "Asia/Shanghai")
    order = known.instruction(Instruction(DEBIT, ANN, 1250, NOON), figures)
    follow = known.follow_up(FollowUp(DEBIT, DEBIT, "B-1", ANN, 1250, NOON), figures)
    given = {
        **dict.fromkeys((Call.DEBIT, Call.CREDIT, Call.HOLD), order),
        **dict.fromkeys((Call.CAPTURE, Call.RELEASE, Call.REVERSE), follow),
        **dict.fromkeys((Call.LINK, Call.VALIDATE, Call.UNLINK, Call.BALANCE, Call.TIER), known.member(ANN)),
        Call.INQUIRE: known.inquiry(DEBIT, "B-1", NOON),
        Call.TRANSACTIONS: known.period(NOON, NOON, "2"),
        Call.STATEMENT: known.day(date(2026, 1, 15)),
        Call.HEALTH: {},
    }
    assert given.keys() == set(Call)
    for call, wanted in given.items():
        assert shape(sample(call, form)) == shape({"program": "X", "now": "", **wanted}), call
    assert order["amount"] == sample(Call.DEBIT, form)["amount"]


@pytest.mark.parametrize(
    ("form", "decimals", "minor", "written"),
    [
        (AmountForm.DECIMAL, 2, 5, "0.05"),
        (AmountForm.DECIMAL, 4, 1250, "12.5000"),
        (AmountForm.NUMBER, 2, 1250, 12.5),
        (AmountForm.MINOR, 2, 1250, 1250),
        (AmountForm.MINOR, 3, 1250, 12500),
    ],
)
def test_amounts_there_and_back(form: AmountForm, decimals: int, minor: int, written: object) -> None:
    """Exactly, whatever decimals the brand writes."""
    figures = Figures(form, 2, decimals, "Asia/Shanghai")
    assert figures.written(minor) == written
    assert figures.amount(str(written) if form is not AmountForm.MINOR else written) == minor


def test_what_a_brand_has_more_decimals_for() -> None:
    """A balance is rounded down to what can be used; a movement is not believed."""
    figures = Figures(AmountForm.DECIMAL, 1, 3, "Asia/Shanghai")
    assert figures.balance("12.399") == 123
    with pytest.raises(Unreadable, match="more decimals"):
        figures.amount("12.399")


@pytest.mark.parametrize("written", ["2026-01-15T04:00:00Z", "2026-01-15T12:00:00", 1768449600, 1768449600000])
def test_instants(written: str | int) -> None:
    """With a zone or in the brand's own; seconds or milliseconds."""
    assert Figures(AmountForm.DECIMAL, 0, 0, "Asia/Shanghai").instant(written) == NOON


@pytest.mark.parametrize("written", ["", "noon", True, None, 10**30, "2026-13-01"])
def test_what_is_no_instant(written: Any) -> None:
    """Told as such, never guessed."""
    with pytest.raises(Unreadable):
        Figures(AmountForm.DECIMAL, 0, 0, "Asia/Shanghai").instant(written)
