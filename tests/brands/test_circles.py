"""Circles, as a property: exactly those sets of prices are refused in which some circle could profit."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from brands.prices import Pair, Prices
from brands.pricing.circles import best_multiple, profitable_circle
from brands.pricing.timeline import Placed, cut, place
from brands.rate import Fee, Rate, Terms, dated

PROGRAMS = [UUID(int=number) for number in range(1, 5)]
START = datetime(2026, 1, 1, tzinfo=UTC)

small = st.integers(1, 12)
fees = st.sampled_from([0, 0, 500, 5_000])


@st.composite
def terms(draw: st.DrawFn, *, own: bool) -> Terms:
    sell, buy = draw(small), draw(small)
    low, high = sorted((sell, buy)) if own else (sell, buy)
    tiers = draw(st.dictionaries(st.sampled_from(["gold", "black"]), st.builds(Fee, fees, small), max_size=2))
    return Terms(low, high, draw(fees), draw(st.integers(0, 5)), tiers)


def rate(found: Terms, pair: Pair) -> Rate:
    return dated(
        found, program_id=pair[0], target_id=pair[1], version=1, valid_from=START, submitted_by="a", approved_by="b"
    )


@st.composite
def prices(draw: st.DrawFn) -> dict[Pair, Rate]:
    programs = PROGRAMS[: draw(st.integers(2, 4))]
    found: dict[Pair, Rate] = {(each, None): rate(draw(terms(own=True)), (each, None)) for each in programs}
    for pair in draw(st.sets(st.sampled_from(list(permutations(programs, 2))), max_size=4)):
        found[pair] = rate(draw(terms(own=False)), pair)
    return found


def multiple(found: dict[Pair, Rate], source: UUID, target: UUID) -> Fraction:
    return best_multiple(found[source, None], found[target, None], found.get((source, target)))


def by_trying(found: dict[Pair, Rate]) -> Fraction:
    """The best circle of all."""
    programs = [source for source, target in found if target is None]
    best = Fraction(0)
    for size in range(2, len(programs) + 1):
        for circle in permutations(programs, size):
            product = Fraction(1)
            for source, target in pairwise((*circle, circle[0])):
                product *= multiple(found, source, target)
            best = max(best, product)
    return best


@given(prices())
def test_a_circle_is_found_exactly_when_there_is_one(found: dict[Pair, Rate]) -> None:
    """What is named leads back to its beginning and gains what is said."""
    circle = profitable_circle(found)
    assert (circle is not None) == (by_trying(found) > 1)
    if circle is not None:
        product = Fraction(1)
        for source, target in pairwise(circle.program_ids):
            product *= multiple(found, source, target)
        assert (circle.product, circle.program_ids[0]) == (product, circle.program_ids[-1])


instants = st.integers(0, 12).map(lambda days: START + timedelta(days=days))


@given(st.lists(st.tuples(instants, st.none() | instants), max_size=8), st.none() | instants)
def test_a_timeline_has_no_overlap_and_says_what_was_agreed_last(
    windows: list[tuple[datetime, datetime | None]], end: datetime | None
) -> None:
    """At each instant one rate holds; a new one does from its beginning until its end or the next beginning."""
    first = dated(
        Terms(1, 1, 0), program_id=PROGRAMS[0], version=1, valid_from=START, submitted_by="a", approved_by="b"
    )
    there = Prices.of([first])
    for number, (begin, until) in enumerate(windows):
        if until is not None and until <= begin:
            continue
        timeline = there.timelines[PROGRAMS[0], None]
        version = max(each.version for each in timeline) + 1
        new = dated(
            Terms(1, number + 2, 0), program_id=PROGRAMS[0], version=version, valid_from=begin, valid_to=until,
            submitted_by="a", approved_by="b",
        )  # fmt: skip
        before = [there.rate(PROGRAMS[0], START + timedelta(days=day, hours=1)) for day in range(14)]
        following = min((each.valid_from for each in timeline if each.valid_from > begin), default=None)
        there = place(timeline, new).on(there)
        assert_agreed(there, before, new, following)
    placed: Placed = cut(there.timelines[PROGRAMS[0], None], end or START)
    assert placed.on(there).rate(PROGRAMS[0], (end or START) + timedelta(days=1)) is None


def assert_agreed(there: Prices, before: list[Rate | None], new: Rate, following: datetime | None) -> None:
    timeline = there.timelines[PROGRAMS[0], None]
    assert sorted(each.version for each in timeline) == list(range(1, len(timeline) + 1))
    for day, was in enumerate(before):
        instant = START + timedelta(days=day, hours=1)
        holding = [each for each in timeline if each.holds_at(instant)]
        assert len(holding) == 1
        ends = min((each for each in (new.valid_to, following) if each), default=None)
        is_new = new.valid_from <= instant and (ends is None or instant < ends)
        assert was is not None
        assert holding[0].terms == (new.terms if is_new else was.terms)
