"""The decision over a bulk, as a property: against a ledger of one line, whatever comes in whatever order."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from brands import (
    Adapter,
    AdapterKind,
    Brand,
    BrandKind,
    Directory,
    ExchangeLimits,
    ExpiryRule,
    Program,
    Rate,
)
from core.refusals import IdempotencyConflict, InsufficientPoints
from exchange import (
    Acceptance,
    Exchange,
    LimitReached,
    Period,
    Quote,
    QuoteExpired,
    QuoteUsed,
    Side,
    State,
    UnknownQuote,
)
from exchange.docket import Docket, Facts
from exchange.periods import Key
from exchange.rates import Terms, convert
from tests.network import NOON

SOURCE, TARGET, BRAND = UUID(int=101), UUID(int=102), UUID(int=103)
MEMBERS = [UUID(int=1), UUID(int=2)]
DAY_MAX = 50


def program(program_id: UUID, code: str) -> Program:
    limits = ExchangeLimits(1, 100, 1, DAY_MAX)
    expiry, adapter = ExpiryRule(None), Adapter(kind=AdapterKind.PLATFORM)
    return Program(program_id, code, code, code, BRAND, BRAND, 0, "UTC", (), expiry, limits, adapter, 0, None)


BRANDS = [Brand(BRAND, "brand", "Brand", "Brand", BrandKind.BRAND, None, BRAND, 0, 0, closed=False)]
DIRECTORY = Directory.of(None, BRANDS, [program(SOURCE, "S"), program(TARGET, "T")], list[Rate](), [])


def card(member_id: UUID, side: int) -> UUID:
    return UUID(int=member_id.int * 10 + side)


@st.composite
def offers(draw: st.DrawFn) -> Quote:
    member_id = draw(st.sampled_from(MEMBERS))
    conversion = convert(draw(st.integers(1, 40)), Terms(1, 0, 1))
    return Quote(
        UUID(int=draw(st.integers(1_000, 1_005))),
        member_id,
        Side(SOURCE, card(member_id, 1), SOURCE),
        Side(TARGET, card(member_id, 2), TARGET),
        conversion,
        NOON,
        NOON + timedelta(seconds=draw(st.sampled_from([0, 60, 120]))),
    )


ACCEPTANCES = st.lists(
    st.builds(
        Acceptance,
        st.integers(1_000, 1_006).map(lambda number: UUID(int=number)),
        st.sampled_from(MEMBERS),
        st.sampled_from("abcd"),
    ),
    max_size=20,
)


def key(member_id: UUID) -> Key:
    return Period.DAY, member_id, SOURCE


class OneLineLedger:
    """Points by card; gives and refuses as the real one does."""

    def __init__(self, points: int) -> None:
        self.points = Counter({card(member_id, 1): points for member_id in MEMBERS})
        self.posted: list[Exchange] = []

    def post(self, docket: Docket, acceptances: list[Acceptance]) -> list[Exchange | InsufficientPoints]:
        """In order; refusals tell what is left after all."""
        made = [self._post_one(docket.quote_of(acceptance), acceptance) for acceptance in acceptances]
        return [
            found or InsufficientPoints(quote.conversion.source, self.points[quote.source.membership_id])
            for found, quote in zip(made, map(docket.quote_of, acceptances), strict=True)
        ]

    def _post_one(self, quote: Quote, acceptance: Acceptance) -> Exchange | None:
        if self.points[quote.source.membership_id] < quote.conversion.source:
            return None
        self.points[quote.source.membership_id] -= quote.conversion.source
        exchange_id = UUID(int=10_000 + len(self.posted))
        self.posted.append(
            Exchange(
                exchange_id, quote.id, quote.member_id, acceptance.idempotency_key, quote.source, quote.target,
                quote.conversion, BRAND, BRAND, State.COMPLETED, None, NOON,
            )
        )  # fmt: skip
        return self.posted[-1]


@given(ACCEPTANCES, st.lists(offers(), unique_by=lambda quote: quote.id), st.integers(0, 90), st.integers(0, 60))
def test_a_bulk_is_decided_fairly(
    acceptances: list[Acceptance], quotes: list[Quote], points: int, used_before: int
) -> None:
    """Each is decided; one exchange per quote and per key, within the day's limit; every refusal is true at the end."""
    ledger = OneLineLedger(points)
    by_id = {quote.id: quote for quote in quotes}
    cards = {member_id: {card(member_id, 1), card(member_id, 2)} for member_id in MEMBERS}
    facts = Facts(DIRECTORY, NOON + timedelta(seconds=60), by_id, cards)
    used: Counter[Key] = Counter({key(member_id): used_before for member_id in MEMBERS})
    docket = Docket(facts, acceptances, {}, {}, used)
    while positions := docket.next_round():
        docket.settle(positions, ledger.post(docket, [acceptances[at] for at in positions]))
    assert sorted(docket.verdicts) == list(range(len(acceptances)))
    assert docket.made == ledger.posted
    assert len({made.quote_id for made in ledger.posted}) == len(ledger.posted)
    assert len({(made.member_id, made.idempotency_key) for made in ledger.posted}) == len(ledger.posted)
    for member_id in MEMBERS:
        spent = points - ledger.points[card(member_id, 1)]
        assert spent == 0 or used_before + spent <= DAY_MAX
    for at, acceptance in enumerate(acceptances):
        assert_true(docket, ledger, acceptance, docket.verdicts[at])


def assert_true(docket: Docket, ledger: OneLineLedger, acceptance: Acceptance, verdict: object) -> None:
    """The verdict says what is so when the bulk is over."""
    quote = docket.facts.quotes.get(acceptance.quote_id)
    match verdict:
        case Exchange():
            assert (verdict.quote_id, verdict.member_id) == (acceptance.quote_id, acceptance.member_id)
            assert verdict.idempotency_key == acceptance.idempotency_key
        case UnknownQuote():
            assert quote is None or quote.member_id != acceptance.member_id
        case QuoteExpired():
            assert quote is not None
            assert quote.expires_at <= docket.facts.now
        case QuoteUsed():
            assert docket.by_quote[acceptance.quote_id].id == verdict.exchange_id
        case IdempotencyConflict():
            assert docket.by_key[acceptance.member_id, acceptance.idempotency_key].quote_id != acceptance.quote_id
        case InsufficientPoints():
            assert quote is not None
            assert ledger.points[quote.source.membership_id] <= verdict.available < verdict.needed
        case LimitReached():
            assert quote is not None
            assert quote.conversion.source > DAY_MAX - docket.used[key(quote.member_id)]
        case _:
            raise AssertionError(verdict)
