"""References that survive the banks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.cash.references import Referred, find_references, reference

WINDOWS = st.integers(1, 999_999)
PLACES = st.integers(1, 9_999)


def test_a_reference() -> None:
    """The check digits are those of ISO 11649: read as a number with the front moved to the end, 1 modulo 97."""
    found = reference(12, 3)
    moved = found[4:] + found[:4]
    assert found[4:] == "AGIO0000120003"
    assert int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def test_the_standard_s_own_example_has_our_check_digits() -> None:
    """RF18 5390 0754 7034, the example that banks print, checks by the same arithmetic."""
    assert int("".join(str(int(character, 36)) for character in "539007547034RF18")) % 97 == 1


@given(WINDOWS, PLACES)
def test_a_reference_is_found_again(window: int, place: int) -> None:
    """Inside other words, spaced in fours, in small letters, in full-width characters, with dashes."""
    text = reference(window, place)
    spaced = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    for written in (text, f"payment {text} thank you", spaced, text.lower(), wide, "-".join(text)):
        assert find_references(written) == {Referred(window, place)}


@given(WINDOWS, PLACES, st.integers(0, 17), st.sampled_from("0123456789"))
def test_a_wrong_digit_is_no_reference(window: int, place: int, position: int, digit: str) -> None:
    text = reference(window, place)
    wrong = text[:position] + digit + text[position + 1 :]
    if wrong != text:
        assert find_references(wrong) == frozenset()


@pytest.mark.parametrize("text", ["", "RF", "invoice 4711", "RF18539007547034"])
def test_other_text_names_nothing(text: str) -> None:
    assert find_references(text) == frozenset()
