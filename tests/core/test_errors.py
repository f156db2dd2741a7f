"""Refusals are values that explain themselves."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from core.errors import AgioError, ConfigurationError, Overloaded, PostgresFailed, Refusal


@dataclass(frozen=True, slots=True)
class NoSeat(Refusal):
    """There is no seat left.

    This is for the next reader of the code.
    """

    row: int


def test_a_refusal_says_the_first_line_of_its_docstring() -> None:
    """The message is one sentence, and the facts cannot be changed."""
    refusal = NoSeat(row=4)
    assert (refusal.message, refusal.row) == ("There is no seat left.", 4)
    with pytest.raises(FrozenInstanceError):
        refusal.row = 5  # type: ignore[misc]


@pytest.mark.parametrize("error", [ConfigurationError, Overloaded, PostgresFailed])
def test_errors_have_one_root(error: type[Exception]) -> None:
    """Whoever catches AgioError catches all of ours, and refusals are no exceptions."""
    assert issubclass(error, AgioError)
    assert not issubclass(Refusal, Exception)
