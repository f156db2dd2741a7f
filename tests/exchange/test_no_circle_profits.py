"""No circle of exchanges profits: a property of the function that quotes, whatever prices two persons approve."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise, permutations
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from brands import Adapter, AdapterKind, Brand, BrandKind, Directory, ExchangeLimits, ExpiryRule, Program, Rate, Tier
from brands.prices import Pair
from brands.pricing.circles import profitable_circle
from brands.rate import Fee, Terms, dated
from exchange import QuoteRequest, TargetWouldBeZero
from exchange.drafting import Draft, Holdings, decide
from exchange.limits import Limits
from members import Membership, MembershipStatus

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MEMBER, BRAND = UUID(int=1), UUID(int=2)
TIERS = ("base", "gold")
MOST = 10**12


def program(number: int) -> Program:
    tiers = tuple(Tier(code, code, code, 1) for code in TIERS)
    limits = ExchangeLimits(1, MOST, 1, MOST)
    name = f"P{number}"
    return Program(
        UUID(int=10 + number), name, name, name, BRAND, BRAND, 0, "UTC", tiers, ExpiryRule(None), limits,
        Adapter(kind=AdapterKind.PLATFORM), 0,
    )  # fmt: skip


PROGRAMS = [program(number) for number in range(4)]
prices = st.integers(1, 400)
fees = st.sampled_from([0, 0, 1, 150, 5_000])
tiers = st.dictionaries(st.sampled_from(TIERS), st.builds(Fee, fees, st.integers(0, 50)), max_size=2)


@st.composite
def networks(draw: st.DrawFn) -> dict[Pair, Rate]:
    """Prices as two persons may approve them: no circle among them is refused."""
    found: dict[Pair, Rate] = {}
    for each in PROGRAMS:
        sell, buy = sorted((draw(prices), draw(prices)))
        found[each.id, None] = rate(
            Terms(sell, buy, draw(fees), draw(st.integers(0, 50)), draw(tiers)), (each.id, None)
        )
    pairs = list(permutations([each.id for each in PROGRAMS], 2))
    for pair in draw(st.lists(st.sampled_from(pairs), max_size=6, unique=True)):
        special = rate(Terms(draw(prices), draw(prices), draw(fees), draw(st.integers(0, 50)), draw(tiers)), pair)
        if profitable_circle({**found, pair: special}) is None:
            found[pair] = special
    return found


def rate(terms: Terms, pair: Pair) -> Rate:
    return dated(
        terms, program_id=pair[0], target_id=pair[1], version=1, valid_from=NOW, submitted_by="a", approved_by="b"
    )


def holdings(found: dict[Pair, Rate], tier_of: dict[str, str]) -> Holdings:
    brand = Brand(BRAND, "brand", "Brand", "Brand", BrandKind.BRAND, None, BRAND, 0, 0, closed=False)
    known = Directory.of(None, [brand], PROGRAMS, found.values(), [])
    cards = [
        Membership(
            UUID(int=100 + each.id.int), MEMBER, each.id, "1", tier_of[each.code], MembershipStatus.ACTIVE,
            date(2025, 1, 1),
        )
        for each in PROGRAMS
    ]  # fmt: skip
    spendable = {card.id: 10**15 for card in cards}
    left = {(BRAND, "network"): 10**18}
    return Holdings(known, NOW, {MEMBER: cards}, spendable, Limits(known, NOW), Counter(), {}, left)


@given(
    networks(),
    st.lists(st.sampled_from(PROGRAMS), min_size=2, max_size=8),
    st.integers(1, 10**9),
    st.fixed_dictionaries({each.code: st.sampled_from(TIERS) for each in PROGRAMS}),
)
def test_whoever_goes_round_has_no_more_than_before(
    found: dict[Pair, Rate], walk: list[Program], amount: int, tier_of: dict[str, str]
) -> None:
    """Any walk that ends where it began, at any amount, in any tiers, over any special prices."""
    around = [*walk, walk[0]]
    assume(all(one is not other for one, other in pairwise(around)))
    held, points = holdings(found, tier_of), amount
    for source, target in pairwise(around):
        drafted = decide(held, QuoteRequest(MEMBER, source.code, target.code, points))
        if isinstance(drafted, TargetWouldBeZero):
            return
        assert isinstance(drafted, Draft), drafted
        whole = drafted.conversion
        assert whole.value_micro == whole.fee_micro + whole.credit_micro + whole.rounding_micro
        assert min(whole.fee_micro, whole.rounding_micro) >= 0
        points = whole.target
    assert points <= amount
