"""One normal form for whatever people and brands write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.normalise import normal_email, normal_name, normal_number, normal_opaque, normal_phone

_DIGITS = st.integers(0, 9_999).map(lambda tail: f"1380000{tail:04}")
_FULL_WIDTH = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}


@pytest.mark.parametrize(
    "written",
    [
        "13800001234",
        "+8613800001234",
        "+86 138 0000 1234",
        "86 13800001234",
        "0086-138-0000-1234",
        "(+86) 138-0000-1234",
        "138 0000 1234",
        " 138\u20110000\u20111234\u00a0",
        "１３８００００１２３４",
        "＋８６ １３８－００００－１２３４",
    ],
)
def test_phone_ways(written: str) -> None:
    """However a Chinese number is written, it is one number."""
    assert normal_phone(written) == "+8613800001234"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "1380000123",
        "138000012345",
        "1.38E+10",
        "138ABCD1234",
        "无",
        "00000000000",
        "+",
        "13800001234 / 13800001235",
    ],
)
def test_phone_refused(written: str) -> None:
    """What is not one whole number is none, letters on a keypad included."""
    assert normal_phone(written) is None


def test_phone_abroad() -> None:
    """A number with a country code keeps its country."""
    assert normal_phone("+65 6123 4567") == "+6561234567"


@given(_DIGITS, st.booleans(), st.sampled_from(["", "+86", "+86 ", "0086 ", "86"]), st.lists(st.integers(1, 10)))
def test_phone_properties(digits: str, wide: bool, prefix: str, breaks: list[int]) -> None:  # noqa: FBT001 - drawn
    """Width, country code and spaces never make another number, and the normal form is its own."""
    spaced = "".join(digit + " " * (at in breaks) for at, digit in enumerate(digits, 1))
    written = (prefix + spaced).translate(_FULL_WIDTH) if wide else prefix + spaced
    assert normal_phone(written) == f"+86{digits}"
    assert normal_phone(f"+86{digits}") == f"+86{digits}"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Lyu.Ke@Example.com", "lyu.ke@example.com"),
        ("ｌｙｕ@example.com", "lyu@example.com"),
        (" lyu+card@mail.example.com ", "lyu+card@mail.example.com"),
        ("STRASSE@EXAMPLE.COM", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("lyu@example", None),
        ("lyu@@example.com", None),
        ("lyu @example.com", None),
        ("a@b.com,c@d.com", None),
        ("", None),
    ],
)
def test_email(written: str, normal: str | None) -> None:
    """An address counts without regard to case or width; what is not one address is none."""
    assert normal_email(written) == normal


@given(st.text(max_size=40) | st.emails())
def test_email_is_settled(text: str) -> None:
    """The normal form of an address is its own normal form, whatever was written."""
    normal = normal_email(text)
    assert normal is None or (normal_email(normal) == normal and normal == unicodedata.normalize("NFKC", normal))


@pytest.mark.parametrize(
    ("written", "normal"),
    [("ar 100-200", "AR100200"), ("ＡＲ１００", "AR100"), ("卡号1", None), ("", None), ("-", None), ("a\x00b", None)],
)
def test_number(written: str, normal: str | None) -> None:
    """A member number counts without the marks that people put in to read it."""
    assert normal_number(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"), [(" oX-Demo_1 ", "oX-Demo_1"), ("a b", None), ("x" * 129, None), ("编号", None)]
)
def test_opaque(written: str, normal: str | None) -> None:
    """Another system's id keeps its case."""
    assert normal_opaque(written) == normal


@given(st.text(max_size=60))
def test_name_is_settled(text: str) -> None:
    """A name is printable, has single spaces, and its normal form is its own."""
    name = normal_name(text)
    assert name.isprintable()
    assert name == " ".join(name.split())
    assert normal_name(name) == name
