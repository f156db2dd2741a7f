"""Ids are ordered by time, unique, and reproducible where they are derived."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import IdSource, derive_id, derive_part_id, instant_of, milliseconds_of, name_id, new_id

_NAMES = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=3)
OLD = UUID("019bbf00-0000-7000-8000-000000000000")


def test_ids_are_version_7_of_this_moment() -> None:
    """An id says when it was made, to the millisecond."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    made = new_id()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= instant_of(made) <= datetime.now(UTC)


def test_ids_are_like_any_other_uuid() -> None:
    """An id equals, hashes and prints like the same UUID made by the standard library or read from anywhere."""
    made = new_id()
    plain = UUID(str(made))
    assert (made, hash(made), repr(made), made.bytes, made.int) == (
        plain, hash(plain), repr(plain), plain.bytes, plain.int,
    )  # fmt: skip
    assert isinstance(made, UUID)
    assert pickle.loads(pickle.dumps(made)) == plain  # noqa: S301 - our own
    assert sorted([made, OLD]) == [OLD, made]


def test_ids_only_grow() -> None:
    """Within a process each id is greater than the one before, also within one millisecond."""
    source = IdSource()
    made = [source() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_ids_grow_when_the_wall_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back does not bring old ids back."""
    source = IdSource()
    times = iter([5_000_000_000, 4_000_000_000, 4_000_000_000, 5_001_000_000])
    monkeypatch.setattr("core.ids.time.time_ns", lambda: next(times))
    made = [source() for _ in range(4)]
    assert made == sorted(made)
    assert [milliseconds_of(one) for one in made] == [5000, 5000, 5000, 5001]


def test_ids_follow_a_wall_clock_that_is_set_far_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose clock was minutes ahead does not go on making ids of the future, which the ledger refuses."""
    source = IdSource()
    times = iter([400_000, 340_000, 339_999, 340_000, 350_000])
    monkeypatch.setattr("core.ids.time.time_ns", lambda: next(times) * 1_000_000)
    made = [source() for _ in range(5)]
    assert [milliseconds_of(one) for one in made] == [400_000, 400_000, 339_999, 340_000, 350_000]
    assert len(set(made)) == 5


def test_threads_share_a_source() -> None:
    """No id is given out twice, however many threads ask at once."""
    source, start = IdSource(), threading.Barrier(4)

    def take() -> list[UUID]:
        start.wait()
        return [source() for _ in range(5_000)]

    with ThreadPoolExecutor(4) as pool:
        taken = [one for future in [pool.submit(take) for _ in range(4)] for one in future.result()]
    assert len(set(taken)) == 20_000


@given(st.text(max_size=20), st.text(max_size=20))
def test_derived_ids_are_told_apart_by_their_label(one: str, other: str) -> None:
    """The same label gives the same id, another label another one, and both are as old as the base."""
    assert derive_id(OLD, one) == derive_id(OLD, one)
    assert (derive_id(OLD, one) == derive_id(OLD, other)) == (one == other)
    assert (derive_id(OLD, one).version, instant_of(derive_id(OLD, one))) == (7, instant_of(OLD))


def test_derived_ids_never_change() -> None:
    """Ids that are already in somebody's books come out the same for ever."""
    assert str(derive_id(OLD, "source")) == "019bbf00-0000-7159-b286-0a76b128a88b"
    assert str(name_id("account", "CNY")) == "bae5b8b9-8b44-851c-8c5a-7f8989535859"


def test_only_ids_with_a_time_can_be_a_base() -> None:
    """An id that tells no time is refused."""
    with pytest.raises(ValueError, match="not a time-ordered id"):
        derive_id(name_id("CNY"), "source")


@given(_NAMES, _NAMES)
def test_named_ids_are_told_apart_by_their_parts(one: list[str], other: list[str]) -> None:
    """`("ab", "c")` and `("a", "bc")` are two names."""
    assert name_id(*one).version == 8
    assert (name_id(*one) == name_id(*other)) == (one == other)


def test_the_id_of_a_part_is_no_id_that_anybody_could_send() -> None:
    """It lies beside its base, is the same for ever, and is of a version that is not taken for a thing of its own."""
    part, derived = derive_part_id(OLD, "lot 1"), derive_id(OLD, "lot 1")
    assert (part.version, part.variant, derived.version) == (8, RFC_4122, 7)
    assert part == derive_part_id(OLD, "lot 1") != derive_part_id(OLD, "lot 2")
    assert part.bytes[:6] == OLD.bytes[:6]
    with pytest.raises(ValueError, match="not a time-ordered id"):
        milliseconds_of(part)
