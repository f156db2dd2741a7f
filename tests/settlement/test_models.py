"""Settlement models: every posting stands in exactly one window of exactly one model."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest

from core.database import Connection, Database
from core.refusals import NetDebitCapReached
from exchange import Acceptance, QuoteRequest, accept, quote
from exchange.offers import Quote
from ledger import audit
from settlement import (
    AUDIT_CHECKS,
    AgreedModel,
    CapInUse,
    ModelRefused,
    Netting,
    Replay,
    Status,
    agreed_models,
    close,
    current_window,
    decide,
    net,
    propose_model,
    read_model,
    reconcile,
    replay,
    windows,
)
from settlement.cash import OwnProposal, Proposal, Verdict, proposals
from tests.network import Network, Person, load_network
from tests.settlement.agreed import CLUB, PAIR, agree_on, written
from tests.settlement.trade import CHECKER, MAKER, approved, claim_lounge, done, given_up, money, pays, seen, trade

_LINES = """
SELECT account.purpose, transfer.recorded_at, count(*) AS lines
FROM ledger_transfer AS transfer
JOIN ledger_account AS account ON account.id IN (transfer.debit_account_id, transfer.credit_account_id)
WHERE split_part(account.purpose, ':', 1) = 'position' AND transfer.code <> 30
GROUP BY account.purpose, transfer.recorded_at
"""


async def whole(database: Database) -> None:
    """The books prove themselves."""
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def test_a_pair_settles_in_the_model_it_has_agreed_on_and_nobody_else(database: Database) -> None:
    """Hotel and airline have their own window; the coffee house settles with both in the network's."""
    network = await load_network(database)
    await current_window(database)
    await agree_on(database, PAIR)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "HOTEL", 500), (ann, "HOTEL", "BEANS", 3_000))
    own = (await seen(database, (await current_window(database, "air")).id)).figures
    shared = (await seen(database, (await current_window(database)).id)).figures
    assert {s.code for p in own.positions for s in p.subtotals} == {12, 13, 14, 15}
    assert sum(s.lines for p in own.positions for s in p.subtotals) == 3 + 4
    assert sum(s.lines for p in shared.positions for s in p.subtotals) == 3
    await whole(database)


async def test_both_sides_of_an_exchange_stand_in_one_model_whatever_each_is_in(database: Database) -> None:
    """Airline and coffee house are in the club; the hotel is not: what it exchanges with either is the network's."""
    network = await load_network(database)
    await agree_on(database, CLUB)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 90_000})
    await trade(network, (ann, "MILES", "BEANS", 1_000), (ann, "HOTEL", "MILES", 3_000))
    await claim_lounge(network, ann, "HOTEL")
    held = await money(network)
    assert held["position of hotel"] == -150_000_000
    own = await seen(database, (await current_window(database, "club")).id)
    assert {own.names[p.participant_id] for p in own.figures.positions if p.closing} == {
        "Airline",
        "Coffee",
        "operator",
    }
    await whole(database)


VERSIONS = (PAIR, CLUB, PAIR.replace("bilateral", "multilateral"), 'model = "air"', 'model = "club"')
"""What two persons may agree on at any time; the last two: everybody leaves."""

LEAST = {"HOTEL": 1_000, "MILES": 500, "BEANS": 50_00}


async def some_trade(network: Network, people: Sequence[Person], random: Random) -> None:
    """A handful of exchanges between any two programs."""
    orders = []
    for _ in range(random.randrange(1, 6)):
        source, target = random.sample(sorted(LEAST), 2)
        orders.append((random.choice(people), source, target, LEAST[source]))
    await trade(network, *orders)


async def some_close(database: Database, model: str, random: Random) -> None:
    """Close the model's window; then it is given up, netted, or left."""
    window = done(await close(database, MAKER, model=model))
    if random.random() < 0.2:
        await given_up(database, window, reason="by chance")
    elif random.random() < 0.7:
        done(await reconcile(database, window.id, MAKER))
        done(await net(database, window.id, MAKER))


async def counted_lines(database: Database) -> Counter[str]:
    """How many lines the windows of each model have; every window ties and can be counted again."""
    counted = Counter[str]()
    for window in await windows(database):
        found = (await seen(database, window.id)).figures
        assert window.status is Status.OPEN or found.ties
        counted[window.model] += sum(s.lines for p in found.positions for s in p.subtotals)
        if window.status is Status.NETTED:
            again = await replay(database, window.id)
            assert isinstance(again, Replay)
            assert again.agrees
    return +counted


@pytest.mark.parametrize("seed", range(3))
async def test_every_posting_is_in_exactly_one_window(database: Database, superuser: Connection, seed: int) -> None:
    """Models come, change and go, participants join and leave, windows close at any time: no line is lost or double."""
    random = Random(seed)  # noqa: S311 - a seeded run can be repeated
    network = await load_network(database)
    people = await network.enrol_many(3, {"HOTEL": 200_000, "MILES": 100_000, "BEANS": 900_000})
    await current_window(database)
    for _ in range(14):
        await some_trade(network, people, random)
        if random.random() < 0.4:
            await agree_on(database, random.choice(VERSIONS))
        for model in await agreed_models(database):
            if random.random() < 0.3:
                await some_close(database, model.code, random)
    recorded = Counter[str]()
    for row in await superuser.fetch(_LINES):
        recorded[row["purpose"].partition(":")[2] or "network"] += row["lines"]
    assert await counted_lines(database) == recorded
    for code in {window.model for window in await windows(database)}:
        stretches = list(reversed(await windows(database, model=code)))
        assert [w.sequence for w in stretches] == list(range(1, len(stretches) + 1))
        assert all(one.cut_off_at == two.after for one, two in pairwise(stretches))
    await whole(database)


async def paid_under(database: Database, netting: str) -> dict[str, tuple[int, int]]:
    """3,000 HOTEL for MILES (150.00), 1,000 MILES back (60.00): what each pays and is paid, in fen."""
    network = await load_network(database)
    await agree_on(database, PAIR.replace("bilateral", netting))
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "HOTEL", 1_000))
    window = done(await close(database, MAKER, model="air"))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    found = await seen(database, window.id)
    await whole(database)
    assert found.figures.terms.netting is Netting(netting)
    paid = Counter[tuple[str, str]]()
    for payer, payee, fen in pays(found):
        paid[payer, payee] += fen
    await given_up(database, found.window, reason="once more")
    assert not {key for key in await money(network) if key.startswith(("due", "owed"))}
    await whole(database)
    return {who: (paid.get((who, "operator"), 0), paid.get(("operator", who), 0)) for who in ("Hotel", "Airline")}


@pytest.mark.parametrize(
    ("netting", "expected"),
    [
        ("multilateral", {"Hotel": (90_90, 0), "Airline": (0, 88_50)}),
        ("bilateral", {"Hotel": (90_90, 0), "Airline": (90, 89_40)}),
        ("gross", {"Hotel": (150_00, 59_10), "Airline": (60_00, 148_50)}),
    ],
)
async def test_each_way_of_netting_pays_what_it_says(
    database: Database, netting: str, expected: dict[str, tuple[int, int]]
) -> None:
    """Set off between all, between the two, or paid in both directions; an abort takes all of it back."""
    assert await paid_under(database, netting) == expected


async def test_a_model_has_caps_of_its_own(database: Database) -> None:
    """5,000.00 in the pair's model, whatever the network's cap is; a cap below what is owed is refused whole."""
    network = await load_network(database)
    await agree_on(database, PAIR)
    ann = await network.enrol({"HOTEL": 200_000, "MILES": 0})
    asked = QuoteRequest(ann.id, "HOTEL", "MILES", 50_000)
    found = await quote(database, asked)
    assert isinstance(found, Quote)
    await trade(network, (ann, "HOTEL", "MILES", 60_000))  # worth 3,000.00
    refused = await accept(database, Acceptance(found.id, ann.id, "once"))
    hotel = network.brand_id("hotel")
    assert refused == NetDebitCapReached(hotel, needed=2_500_000_000, left=2_000_000_000)
    assert await quote(database, asked) == refused
    proposed = await propose_model(database, written(PAIR.replace("5000", "2000")), MAKER, reason="less")
    assert isinstance(proposed, Proposal)
    answer = await decide(
        database, proposed.id, CHECKER, Verdict.APPROVED, digest=proposed.digest, reason="the contract"
    )
    assert answer == CapInUse("hotel", 3_000_000_000)
    assert [it.version for it in await agreed_models(database)] == [0, 1]
    assert [it.verdict for it in await proposals(database)] == [None]


async def test_a_model_is_agreed_on_by_two_persons(database: Database) -> None:
    await load_network(database)
    proposed = await propose_model(database, written(PAIR), MAKER, reason="from the contract")
    assert isinstance(proposed, Proposal)
    own = await decide(database, proposed.id, MAKER, Verdict.APPROVED, digest=proposed.digest, reason="mine")
    assert own == OwnProposal(MAKER.subject)
    assert [it.code for it in await agreed_models(database)] == ["network"]
    await approved(database, proposed)
    found = (await agreed_models(database))[1]
    assert (found.code, found.version, found.pairs) == ("air", 1, (("airline", "hotel"),))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("model = 3", "model"),
        ("model = 'air'\nnett = 1", "file"),
        ("model = 'air'\nnetting = 'some'", "netting"),
        ("model = 'air'\nset_off_loops = true", "file"),
        ("model = 'air'\n[schedule]\ncycle = 'hourly'", "schedule.cycle"),
        ("model = 'air'\n[schedule]\ntime_zone = 'Nowhere/Land'", "file"),
        ("model = 'air'\n[caps]\nhotel = '1,000'", "caps"),
        ("model = 'air'\nmembers = ['hotel', 'airline', 'hotel']", "members"),
        ("model = 'air'\npairs = [['hotel', 'airline'], ['airline', 'hotel']]", "pairs"),
        ("model = \ufeff", "file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, place: str) -> None:
    found = read_model(text.encode())
    assert isinstance(found, ModelRefused), found
    assert found.place == place


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model = 'Air'", "a code has up to 32 small letters, digits and hyphens, a letter first"),
        ("model = 'air'\nmembers = ['nobody']", "nobody called nobody settles"),
        ("model = 'air'\nmembers = ['hotel-lake']", "nobody called hotel-lake settles"),
        ("model = 'air'\npairs = [['hotel', 'nobody']]", "nobody called nobody settles"),
        ("model = 'air'\npairs = [['hotel', 'hotel']]", "hotel is no pair"),
        ("model = 'air'\n[caps]\nhotel = '1.00'", "hotel is not in the model"),
        ("model = 'air'\nmembers = ['hotel']\n[caps]\nhotel = '-1.00'", "the cap of hotel is out of range"),
        (
            "model = 'network'\nmembers = ['hotel']",
            "everybody is in the network's own model; caps stand in the network files",
        ),
        ("model = 'other'\nmembers = ['airline']", "airline is in the model club and has to leave it first"),
    ],
)
async def test_a_model_that_makes_no_sense_is_refused(database: Database, text: str, problem: str) -> None:
    await load_network(database)
    await agree_on(database, CLUB)
    found = read_model(text.encode())
    assert isinstance(found, AgreedModel)
    refused = await propose_model(database, found, MAKER, reason="new")
    assert isinstance(refused, ModelRefused)
    assert refused.problem == problem
    assert refused.place in text.partition("\n")[2] or refused.place == "model"


@pytest.mark.parametrize("netting", ["bilateral", "gross"])
async def test_lines_of_an_aborted_multilateral_window_are_paid_when_pairs_pay_each_other(
    database: Database, netting: str
) -> None:
    """The terms change between the window that is given up, twice, and the one that settles its lines."""
    network = await load_network(database)
    await agree_on(database, PAIR.replace("bilateral", "multilateral"))
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    for _ in range(2):
        window = done(await close(database, MAKER, model="air"))
        await agree_on(database, PAIR.replace("bilateral", netting))
        await given_up(database, window, reason="a wrong rate")
    window = done(await close(database, MAKER, model="air"))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    found = await seen(database, window.id)
    assert {fen for _, _, fen in pays(found)} >= {148_50}
    assert sum(it.opening for it in found.figures.obligations) == 150_000_000
    assert all(p.settled == p.closing for p in found.figures.positions)
    again = await replay(database, window.id)
    assert isinstance(again, Replay)
    assert again.agrees
    await whole(database)
