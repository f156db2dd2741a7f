"""The codes that members show at tills."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import new_id
from rights.code import Presented, accepted_step, code_at, grant_key, proof_of, read_code, step_at

RFC_KEY = b"12345678901234567890123456789012"
NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "proof"),
    [
        (59, "46119246"),
        (1_111_111_109, "68084774"),
        (1_111_111_111, "67062674"),
        (1_234_567_890, "91819424"),
        (2_000_000_000, "90698825"),
        (20_000_000_000, "77737706"),
    ],
)
def test_proofs_are_those_of_rfc_6238(seconds: int, proof: str) -> None:
    """Any authenticator library on a phone can make the codes: these are the RFC's own SHA-256 vectors."""
    assert proof_of(RFC_KEY, step_at(datetime.fromtimestamp(seconds, UTC))) == proof


def test_code_is_eighteen_digits_and_reads_back() -> None:
    """What the screen shows is what the scanner reads."""
    shown = code_at(RFC_KEY, 1_000_000_007, NOON)
    assert shown.expires_at == NOON + timedelta(seconds=30)
    assert read_code(shown.text) == Presented(1_000_000_007, proof_of(RFC_KEY, step_at(NOON)))
    assert read_code(f"{shown.text[:6]} {shown.text[6:12]} {shown.text[12:]}") == read_code(shown.text)


@pytest.mark.parametrize("text", ["", "123", "1" * 17, "1" * 19, "1" * 17 + "x", "１" * 18, "-" + "1" * 17])
def test_other_texts_are_no_codes(text: str) -> None:
    """Too short, too long, letters, full-width digits, signs."""
    assert read_code(text) is None


@pytest.mark.parametrize(("age_seconds", "accepted"), [(0, True), (29, True), (30, True), (59, True), (60, False)])
def test_code_lives_for_one_more_step(age_seconds: int, accepted: bool) -> None:  # noqa: FBT001 - a table
    """A code is good while it is shown and for one step after; then it is dead."""
    proof = proof_of(RFC_KEY, step_at(NOON))
    step = accepted_step(RFC_KEY, proof, NOON + timedelta(seconds=age_seconds))
    assert step == (step_at(NOON) if accepted else None)


def test_code_of_the_future_is_refused() -> None:
    """A phone whose clock runs ahead shows codes that nobody accepts yet."""
    assert accepted_step(RFC_KEY, proof_of(RFC_KEY, step_at(NOON) + 1), NOON) is None


def test_every_grant_has_a_key_of_its_own() -> None:
    """One grant's codes say nothing about another's."""
    first, second = new_id(), new_id()
    assert grant_key(RFC_KEY, first) == grant_key(RFC_KEY, first)
    assert grant_key(RFC_KEY, first) != grant_key(RFC_KEY, second)
