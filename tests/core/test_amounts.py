"""Decimal strings become exact integers and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts import AMOUNT_MAX, AmountError, format_amount, parse_amount


@pytest.mark.parametrize(
    ("text", "scale", "minor"),
    [
        ("0", 0, 0),
        ("12", 0, 12),
        ("12.50", 2, 1250),
        ("12.5", 2, 1250),
        ("12.500", 2, 1250),
        ("-3.07", 2, -307),
        ("0.000001", 6, 1),
        ("007", 0, 7),
        ("0" * 40 + "7.1" + "0" * 40, 2, 710),
        ("-0", 2, 0),
        ("9223372036854775807", 0, AMOUNT_MAX),
        ("9223372036854.775807", 6, AMOUNT_MAX),
    ],
)
def test_exact_amounts(text: str, scale: int, minor: int) -> None:
    """Each text is exactly this many minor units."""
    assert parse_amount(text, scale) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1 ", " 1", "+1", "--1", "1.", ".5", "1,5", "1_000", "1e3", "0x10", "NaN", "inf", "1\n"),
        *("１２", "٣", "1.005", "0.001"),
        *("9223372036854775808", "92233720368547758.08", "99999999999999999999", "1" * 10_000),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """Signs, spaces, exponents, other digits, too many decimals and too many units are no amounts of scale 2."""
    with pytest.raises(AmountError):
        parse_amount(text, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9" * 40, "9" * 40 + " is too large"),
        ("-" + "9" * 20, "-" + "9" * 20 + " is too large"),
        ("9" * 41 + ".001", "9" * 40 + "… is too large"),
        ("9223372036854775808", "9223372036854775808 is too large"),
        ("1.001", "1.001 has more than 2 decimals"),
        ("1." + "1" * 40, "1." + "1" * 38 + "… has more than 2 decimals"),
        ("9" * 40 + "x", repr("9" * 40) + " is not a decimal number"),
        ("ten", "'ten' is not a decimal number"),
        ("1,200", "'1,200' has a thousands separator: write it without"),
        ("-1,200,000.50", "'-1,200,000.50' has a thousands separator: write it without"),
        ("1 200", "'1 200' has a thousands separator: write it without"),
        ("1'200.00", '"1\'200.00" has a thousands separator: write it without'),
        ("1，200", "'1，200' has a thousands separator: write it without"),
        ("1,5", "'1,5' has a decimal comma: write a point"),
        ("1.200,50", "'1.200,50' is not a decimal number"),
        ("１２．５", "'１２．５' has other digits than 0 to 9, such as full-width ones"),
        ("１,２００", "'１,２００' has other digits than 0 to 9, such as full-width ones"),
        ("٣", "'٣' has other digits than 0 to 9, such as full-width ones"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, message: str) -> None:
    """A number that is too large is called that, however long it is."""
    with pytest.raises(AmountError) as caught:
        parse_amount(text, 2)
    assert str(caught.value) == message


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    """What a stranger sends is shown in part only."""
    with pytest.raises(AmountError) as caught:
        parse_amount("9" * 100_000, 0)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("minor", "scale", "text"),
    [(0, 0, "0"), (0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (1250, 2, "12.50"), (-1250, 0, "-1250")],
)
def test_formatting_writes_every_decimal(minor: int, scale: int, text: str) -> None:
    """An amount is written with exactly its asset's decimals."""
    assert format_amount(minor, scale) == text


@given(st.integers(-AMOUNT_MAX, AMOUNT_MAX), st.integers(0, 18))
def test_what_is_written_can_be_read(minor: int, scale: int) -> None:
    """Nothing is lost on the way through a decimal string."""
    assert parse_amount(format_amount(minor, scale), scale) == minor
