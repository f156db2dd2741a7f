"""Which break each line that is left belongs to, and what becomes of the breaks that are known."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from settlement.reconciliation.break_kinds import BreakKind, Draft, Prices, StatedLine
from settlement.reconciliation.breaks import BreakState, EventKind
from settlement.reconciliation.keeping_up import TAKE_BACK, Run, kept_up
from settlement.reconciliation.line import MONEY, Line, Tolerance, money_key
from settlement.reconciliation.sorting import Fact, Knowledge, Way, counted_once, sort_out

DAY = date(2026, 1, 15)
NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)
PRICES = Prices(gained=75_000, lost=60_000)
RUN = Run(new_id(), PRICES, "night job", NOON, DAY)


def line(key: str, amount: int, ref: str = "", asset: str = "MILES") -> Line:
    """A line of no member."""
    return Line(key, ref, "", asset, amount, "", DAY)


def stated(key: str, amount: int, ref: str = "", *, booked: bool = True, asset: str = "MILES") -> StatedLine:
    """A line of the brand's."""
    return StatedLine(key, booked, line(key, amount, ref, asset))


_references = st.sampled_from(["", "r", "q", "s"])
_amounts = st.sampled_from([-2, -1, 1, 2])
_assets = st.sampled_from(["MILES", "BEANS", "CNY"])
_ways = st.sets(st.tuples(_references, st.booleans(), st.booleans()))
_ours = st.lists(st.tuples(_amounts, _references), max_size=6).map(
    lambda drawn: [line(f"o{n}", *it) for n, it in enumerate(drawn)]
)
_theirs = st.lists(st.tuples(_amounts, _references, st.booleans(), _assets), max_size=6).map(
    lambda drawn: [stated(f"t{n}", *it[:2], booked=it[2], asset=it[3]) for n, it in enumerate(drawn)]
)


def test_what_differs_in_points_and_in_money_is_at_risk_once() -> None:
    """In money, by our reference or by the brand's; what differs in points alone is at risk in points."""
    both = [Draft("p", BreakKind.AMOUNT, (line("1", 100, "r"),), (stated("a", 90, "r"),))]
    both += [
        Draft("m", BreakKind.RATE, (line("2", 750, "r", MONEY),), (stated(money_key("a"), 740, "r", asset=MONEY),))
    ]
    both += [Draft("p2", BreakKind.MISSING_HERE, (), (stated("z", 5),))]
    both += [Draft("m2", BreakKind.MISSING_HERE, (), (stated(money_key("z"), 7, asset=MONEY),))]
    alone = Draft("p3", BreakKind.MISSING_HERE, (), (stated("y", 5),))
    told = [(it.anchor, it.value_micro(PRICES)) for it in counted_once([*both, alone])]
    assert told == [("p", 0), ("m", -10), ("p2", 0), ("m2", 7), ("p3", 5 * 75_000)]


@given(ours=_ours, theirs=_theirs, matched=_ways)
def test_every_line_is_in_one_break(ours: list[Line], theirs: list[StatedLine], matched: set[Way]) -> None:
    """None is lost, none counted twice, in any order; what the brand refused alone is in none."""
    known = Knowledge(matched)
    drafts = list(sort_out(ours, theirs, known))
    assert sorted(sort_out(reversed(ours), reversed(theirs), known), key=str) == sorted(drafts, key=str)
    assert Counter(it.key for draft in drafts for it in draft.ours) == Counter(it.key for it in ours)
    counted = Counter(it.line.key for draft in drafts for it in draft.theirs)
    assert {key for key, count in counted.items() if count > 1} == set()
    assert {it.line.key for it in theirs if it.booked} <= set(counted)
    assert len({draft.anchor for draft in drafts}) == len(drafts)
    assert all(draft.ours or all(it.booked for it in draft.theirs) for draft in drafts)


def kinds(ours: list[Line], theirs: list[StatedLine], known: Knowledge) -> list[BreakKind]:
    """What they are sorted into."""
    return [draft.kind for draft in sort_out(ours, theirs, known)]


def test_kinds_that_need_more_than_the_lines() -> None:
    """What was matched, what our records say of the exchange, and how far CNY may lie apart."""
    gained = Knowledge({("r", False, True)})
    assert kinds([], [stated("t", 9, "r")], gained) == [BreakKind.DUPLICATE]
    assert kinds([], [stated("t", -9, "r")], gained) == [BreakKind.REVERSAL]
    assert kinds([line("o", -9, "r")], [], gained) == [BreakKind.REVERSAL]
    assert kinds([line("o", 9, "r")], [], gained) == [BreakKind.MISSING_AT_BRAND]
    assert kinds([], [stated("t", 9, "r", asset=MONEY)], gained) == [BreakKind.MISSING_HERE]
    given_up = Knowledge(facts={"r": Fact(given_up=True)})
    assert kinds([], [stated("t", 9, "r")], given_up) == [BreakKind.LATE_SUCCESS]
    priced = Knowledge(facts={"r": Fact(fee_micro=150)}, tolerance=Tolerance(10, 100))
    ours = [line("o", 10_000, "r", MONEY), line("p", 5, "r")]
    assert kinds(ours, [stated("t", 10_155, "r", asset=MONEY)], priced) == [BreakKind.FEE, BreakKind.MISSING_AT_BRAND]
    assert kinds(ours[:1], [stated("t", 9_300, "r", asset=MONEY)], priced) == [BreakKind.RATE]
    assert kinds(ours[:1], [stated("t", -10_000, "r", asset=MONEY)], priced) == [BreakKind.REVERSAL]


def test_what_was_taken_and_given_back_is_compared_each_way() -> None:
    """One reference may have a line each way: the brand's are compared with the one that went as they do."""
    ours = [line("o", -9, "r"), line("p", 9, "r")]
    found = list(sort_out(ours, [stated("t", -8, "r")]))
    assert [(it.anchor, it.kind.value, len(it.theirs)) for it in found] == [
        ("ours:o", "AMOUNT", 1), ("ours:p", "MISSING_AT_BRAND", 0),
    ]  # fmt: skip
    found = list(sort_out(ours, [stated("t", 9, "r"), stated("u", 9, "r")]))
    assert [(it.anchor, it.kind.value, len(it.theirs)) for it in found] == [
        ("ours:o", "MISSING_AT_BRAND", 0), ("ours:p", "DUPLICATE", 2),
    ]  # fmt: skip


def test_value() -> None:
    """Gained points at what the program gets for them, lost ones at what it pays; other points have no price."""
    ours, theirs = (line("o", 100, "r"),), (stated("t", 90, "r"),)
    assert Draft("a", BreakKind.WINDOW, ours, (stated("t", 100, "r"),)).value_micro(PRICES) == -7_500_000
    in_money = (line("o", 100, "r", MONEY),), (stated("t", 90, "r", asset=MONEY),)
    assert Draft("a", BreakKind.RATE, *in_money).value_micro(PRICES) == -10
    assert Draft("a", BreakKind.AMOUNT, ours, theirs).value_micro(PRICES) == -10 * 75_000
    assert Draft("a", BreakKind.MISSING_HERE, (), (stated("t", -4),)).value_micro(PRICES) == -4 * 60_000
    assert Draft("a", BreakKind.ASSET, ours, (stated("t", 100, "r", asset="BEANS"),)).value_micro(PRICES) == -7_500_000
    assert Draft("a", BreakKind.STATUS, ours, (stated("t", 100, "r", booked=False),)).value_micro(PRICES) == -7_500_000


def test_the_life_of_a_break() -> None:
    """Opened, the same again, changed, gone, back: each is told once, and what it was owed by and when stays."""
    first = Draft("ours:o", BreakKind.MISSING_AT_BRAND, (line("o", 100, "r"),), ())
    other = Draft("ours:o", BreakKind.AMOUNT, first.ours, (stated("t", 90, "r"),))
    ((opened, event),) = kept_up(RUN, [first], [])
    assert (event.kind, opened.state, opened.owner, opened.due_on) == (
        EventKind.OPENED, BreakState.OPEN, "brand", DAY + timedelta(days=7),
    )  # fmt: skip
    assert list(kept_up(RUN, [first], [opened])) == []
    taken = replace(opened, owner="lin.wei", due_on=date(2026, 3, 1))
    ((changed, event),) = kept_up(RUN, [other], [taken])
    assert (event.kind, changed.kind, changed.owner, changed.due_on) == (
        EventKind.CHANGED, BreakKind.AMOUNT, "lin.wei", date(2026, 3, 1),
    )  # fmt: skip
    ((closed, event),) = kept_up(RUN, [], [changed])
    assert (event.kind, closed.state, closed.id) == (EventKind.CLOSED, BreakState.CLOSED, opened.id)
    assert list(kept_up(RUN, [], [closed])) == []
    ((_, event),) = kept_up(RUN, [other], [closed])
    assert event.kind is EventKind.REOPENED


def test_what_is_explained_stays_so_while_its_lines_stay() -> None:
    """Another line opens it again; when the lines agree, only money that was given up needs somebody."""
    draft = Draft("ours:o", BreakKind.MISSING_AT_BRAND, (line("o", 100, "r"),), ())
    ((opened, _),) = kept_up(RUN, [draft], [])
    resolved = replace(opened, state=BreakState.RESOLVED)
    assert list(kept_up(RUN, [draft], [resolved])) == []
    assert list(kept_up(RUN, [], [resolved])) == []
    ((again, event),) = kept_up(RUN, [], [replace(resolved, written_off=-7_500_000)])
    assert (event.kind, again.next_step, again.at_stake) == (EventKind.REOPENED, TAKE_BACK, 7_500_000)
    assert list(kept_up(RUN, [], [again])) == []
