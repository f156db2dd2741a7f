"""Which line is which: by hand, and against a matcher that tries every pair."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.reconciliation.line import Line, Tolerance
from settlement.reconciliation.matching import Matching, match
from settlement.reconciliation.rules import Rule, Tolerances
from settlement.reconciliation.suggesting import Suggestion, suggest

DAY = date(2026, 1, 15)
MONEY = {"CNY": Tolerance(absolute=50, basis_points=100)}


def line(
    key: str, amount: int, ref: str = "", own: str = "", who: str = "", day: int = 0, asset: str = "MILES"
) -> Line:
    """A line; `own` is the brand's reference, `day` counts from DAY."""
    return Line(key, ref, own, asset, amount, who, DAY + timedelta(day))


def told(matching: Matching) -> list[tuple[Rule, str, str]]:
    """Who was matched with whom, and why."""
    return [(f.rule, "".join(o.key for o in f.ours), "".join(t.key for t in f.theirs)) for f in matching.found]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([line("a", 9, "r")], [line("x", 9, "r", day=40)], [(Rule.REFERENCE, "a", "x")]),
        ([line("a", 9, "r")], [line("x", 8, "r")], []),
        ([line("a", 9, "r")], [line("x", -9, "r")], []),
        ([line("a", 9, "r")], [line("x", 9, "r", asset="BEANS")], []),
        ([line("a", 9, "r")], [line("x", 9, "r"), line("y", 9, "r")], []),
        ([line("a", 9, "r", "o")], [line("x", 9, "", "o")], [(Rule.BRAND_REFERENCE, "a", "x")]),
        ([line("a", 9, "r", "o")], [line("x", 9, "s", "o")], []),
        ([line("a", 9, "r", who="m")], [line("x", 9, who="m", own="o", day=1)], [(Rule.MEMBER, "a", "x")]),
        ([line("a", 9, "r", who="m")], [line("x", 9, who="m", day=2)], []),
        ([line("a", 9, "r", who="m"), line("b", 9, "q", who="m", day=2)], [line("x", 9, who="m", day=1)], []),
        ([line("a", 9, "r", "p", "m")], [line("x", 9, "", "o", "m")], []),
        ([line("a", 9, "r")], [line("x", 4, "r"), line("y", 5, "r")], [(Rule.SPLIT, "a", "xy")]),
        ([line("a", 9, "r"), line("b", 1, "q")], [line("x", 10)], [(Rule.BATCH, "ab", "x")]),
        ([line("a", 9, "r"), line("b", 1, "q", day=1)], [line("x", 10)], []),
        ([line("a", 9, "r"), line("b", 1, "q")], [line("x", 10), line("y", 10)], []),
        ([line("a", 9, "r"), line("b", 1, "q")], [line("y", 1, "q"), line("x", 9, "r")],
         [(Rule.REFERENCE, "a", "x"), (Rule.REFERENCE, "b", "y")]),
    ],
    ids=[
        "reference, on whatever day", "another amount", "another sign", "another asset", "twice",
        "the brand's reference", "which says it is another", "member and next day", "two days later",
        "two candidates", "two references of the brand", "parts", "a day in one sum", "not of that day", "two sums",
        "in the order of our keys",
    ],
)  # fmt: skip
def test_rules(ours: list[Line], theirs: list[Line], found: list[tuple[Rule, str, str]]) -> None:
    """The surest rule wins, and what is left is left on both sides."""
    matching = match(ours, theirs, {})
    assert told(matching) == found
    assert {line.key for line in matching.ours} == {it.key for it in ours} - set("".join(o for _, o, _ in found))
    assert {line.key for line in matching.theirs} == {it.key for it in theirs} - set("".join(t for _, _, t in found))


@pytest.mark.parametrize(
    ("amount", "other", "fits"),
    [
        (10_000, 10_050, True),
        (10_000, 9_950, True),
        (10_000, 10_051, False),
        (1_000, 1_010, True),
        (1_000, 1_011, False),
    ],
)
def test_money_may_differ_within_both_bounds(amount: int, other: int, *, fits: bool) -> None:
    """At most 50, and at most one per cent of ours; the difference is told."""
    matching = match([line("a", -amount, "r", asset="CNY")], [line("x", -other, "r", asset="CNY")], MONEY)
    assert [found.difference for found in matching.found] == ([amount - other] if fits else [])


def test_suggestions() -> None:
    """The nearest first, three at most, and only for the same member; they match nothing."""
    ours = [line("a", 100, "r", who="m")]
    theirs = [line(key, amount, who=who, own=key, day=day) for key, amount, who, day in (
        ("far", 106, "m", 0), ("v", 105, "m", 0), ("w", 98, "m", 3), ("x", 100, "m", 5), ("y", 101, "m", 0),
        ("late", 100, "m", 8), ("other", 100, "n", 0),
    )]  # fmt: skip
    assert match(ours, theirs, {}).found == ()
    assert suggest(ours, theirs) == [Suggestion("a", "x"), Suggestion("a", "y"), Suggestion("a", "w")]


def lines(side: str) -> st.SearchStrategy[list[Line]]:
    """Few values for everything, so that lines often nearly fit."""
    references = st.sampled_from(["r", "q"] if side == "o" else ["", "r", "q", "s"])
    drawn = st.builds(
        line, st.just(""), st.sampled_from([-2, -1, 1, 2, 3, 100, 101]), references, st.sampled_from(["", "p", "o"]),
        st.sampled_from(["", "m", "n"]), st.integers(0, 3), st.sampled_from(["MILES", "CNY"]),
    )  # fmt: skip
    return st.lists(drawn, max_size=8).map(lambda drawn: [_named(f"{side}{n}", it) for n, it in enumerate(drawn)])


def _named(key: str, it: Line) -> Line:
    return Line(key, it.reference, it.brand_reference, it.asset, it.amount, it.member, it.day)


@given(ours=lines("o"), theirs=lines("t"))
@settings(max_examples=500, deadline=None)
def test_against_every_pair(ours: list[Line], theirs: list[Line]) -> None:
    """The matcher finds what trying every pair finds, in any order of the lines; no line is lost or used twice."""
    found = match(ours, theirs, MONEY)
    assert match(reversed(ours), reversed(theirs), MONEY) == found
    assert told(found) == every_pair(ours, theirs, MONEY)
    for side, left, used in (
        (ours, found.ours, [it for each in found.found for it in each.ours]),
        (theirs, found.theirs, [it for each in found.found for it in each.theirs]),
    ):
        assert sorted(it.key for it in [*left, *used]) == sorted(it.key for it in side)


Fits = Callable[[Line, Line], bool]
_KEYS: dict[Rule, Callable[[Line], object]] = {
    Rule.SPLIT: lambda it: (it.reference, it.asset, it.gains),
    Rule.BATCH: lambda it: (it.day, it.asset, it.gains),
}


def every_pair(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> list[tuple[Rule, str, str]]:
    """The rules as they are told, tried on every pair and every group."""
    left, right, found = list(ours), list(theirs), []
    for rule, fits in _pair_rules(tolerances).items():
        pairs = [(o, t) for o in left for t in right if fits(o, t)]
        alone = [(o, t) for o, t in pairs if sum(o in p for p in pairs) == sum(t in p for p in pairs) == 1]
        found += sorted((rule, o.key, t.key) for o, t in alone)
        left = [o for o in left if all(o not in pair for pair in alone)]
        right = [t for t in right if all(t not in pair for pair in alone)]
    for rule in (Rule.SPLIT, Rule.BATCH):
        key = _KEYS[rule]
        one = left if rule is Rule.SPLIT else [t for t in right if not t.reference + t.member]
        many = [t for t in right if t.reference] if rule is Rule.SPLIT else left
        sums = [
            (whole, parts)
            for whole in one
            if sum(key(it) == key(whole) for it in one) == 1
            if len(parts := [it for it in many if key(it) == key(whole)]) > 1
            if _sums_up(whole, parts, tolerances, ours_is_one=rule is Rule.SPLIT)
        ]
        found += sorted(_sum_told(rule, whole, parts) for whole, parts in sums)
        gone = {it.key for whole, parts in sums for it in (whole, *parts)}
        left, right = [[it for it in side if it.key not in gone] for side in (left, right)]
    return found


def _pair_rules(tolerances: Tolerances) -> dict[Rule, Fits]:
    def near(o: Line, t: Line) -> bool:
        slack = tolerances.get(o.asset, Tolerance()).slack(o.amount)
        return o.asset == t.asset and o.gains == t.gains and abs(o.amount - t.amount) <= slack

    return {
        Rule.REFERENCE: lambda o, t: o.reference == t.reference and near(o, t),
        Rule.BRAND_REFERENCE: lambda o, t: (
            not t.reference and o.brand_reference == t.brand_reference != "" and near(o, t)
        ),
        Rule.MEMBER: lambda o, t: (
            not t.reference
            and not (o.brand_reference and t.brand_reference)
            and (o.asset, o.amount, o.member) == (t.asset, t.amount, t.member)
            and o.member != ""
            and abs((o.day - t.day).days) <= 1
        ),
    }


def _sums_up(whole: Line, parts: Iterable[Line], tolerances: Tolerances, *, ours_is_one: bool) -> bool:
    total = sum(it.amount for it in parts)
    slack = tolerances.get(whole.asset, Tolerance()).slack(whole.amount if ours_is_one else total)
    return abs(whole.amount - total) <= slack


def _sum_told(rule: Rule, whole: Line, parts: Iterable[Line]) -> tuple[Rule, str, str]:
    together = "".join(sorted(it.key for it in parts))
    return (rule, whole.key, together) if rule is Rule.SPLIT else (rule, together, whole.key)


def test_a_crowd_of_equal_lines_costs_no_more_than_its_length() -> None:
    """Equal lines fit one another too well: none is matched, and nobody waits for it."""
    ours = [line(f"{n:06}", 5, "r", "o", "m") for n in range(20_000)]
    theirs = [line(f"{n:06}", 5, "", "", "m") for n in range(20_000)]
    matching = match(ours, theirs, {})
    assert matching.found == ()
    assert [key for key, _ in groupby(matching.ours, lambda it: it.amount)] == [5]
