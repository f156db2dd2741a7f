"""What a window would pay under other terms, or without some of its participants; looking changes nothing."""

from core.database import Database
from settlement import Netting, Terms, WhatIf, close, current_window, what_if
from settlement.cash import UnknownParticipant
from tests.network import load_network
from tests.settlement.trade import MAKER, done, given_up, money, pays, seen, trade

HOTEL_AIRLINE_COFFEE = ("HOTEL", "MILES", 3_000), ("MILES", "BEANS", 1_000), ("BEANS", "HOTEL", 500_00)


async def looked(
    database: Database, window_id: object, terms: Terms | None = None, *without: str
) -> dict[str, tuple[int, int]]:
    """What each participant would pay and be paid, in fen."""
    found = await what_if(database, window_id, terms=terms, without=without)  # type: ignore[arg-type]
    assert isinstance(found, WhatIf), found
    return {str(p.participant_id)[-4:]: (p.due // 10_000, p.owed // 10_000) for p in found.positions if p.due or p.owed}


async def test_the_window_as_it_is_is_what_it_pays(database: Database) -> None:
    """Under its own terms the view is the window's own netting, open or closed, and nothing moves."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 90_000})
    await trade(network, *((ann, *order) for order in HOTEL_AIRLINE_COFFEE))
    window = done(await close(database, MAKER))
    before = await money(network)
    found = await what_if(database, window.id)
    assert isinstance(found, WhatIf)
    assert {(it.set_off - it.opening - it.lines, it.settled, it.carried) for it in found.obligations} == {(0, 0, 0)}
    assert sorted(found.payments) == sorted((await seen(database, window.id)).figures.payments)
    assert found.total_fen == sum(fen for _, _, fen in pays(await seen(database, window.id)))
    assert await money(network) == before


async def test_other_terms_move_more_money_the_same_nets(database: Database) -> None:
    """Gross moves the most, closed loops less than pairs, multilateral the least; everybody's net is the same."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 90_000})
    await trade(network, *((ann, *order) for order in HOTEL_AIRLINE_COFFEE))
    window = done(await close(database, MAKER))
    totals, nets = [], []
    for terms in (
        Terms(Netting.GROSS),
        Terms(Netting.BILATERAL),
        Terms(Netting.BILATERAL, set_off_loops=True),
        Terms(),
    ):
        found = await what_if(database, window.id, terms=terms)
        assert isinstance(found, WhatIf)
        totals.append(found.total_fen)
        nets.append([(p.participant_id, p.closing) for p in found.positions])
    assert totals == sorted(totals, reverse=True)
    assert totals[0] > totals[-1]
    assert all(it == nets[0] for it in nets)


async def test_without_a_participant_the_others_settle_what_is_between_them(database: Database) -> None:
    """Without the coffee house: only what the hotel and the airline exchanged is left, 150.00 for 148.50."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 90_000})
    await trade(network, *((ann, *order) for order in HOTEL_AIRLINE_COFFEE))
    window = done(await close(database, MAKER))
    for terms in (Terms(), Terms(Netting.BILATERAL), Terms(Netting.GROSS)):
        found = await what_if(database, window.id, terms=terms, without=["coffee"])
        assert isinstance(found, WhatIf)
        amounts = {(p.due // 10_000, p.owed // 10_000) for p in found.positions if p.due or p.owed}
        assert amounts == {(150_00, 0), (0, 148_50), (0, 1_50)}
        assert sum(p.settled for p in found.positions) == 0


async def test_only_those_who_settle_can_be_left_out(database: Database) -> None:
    await load_network(database)
    window = done(await close(database, MAKER))
    for code in ("nobody", "operator", "hotel-lake"):
        assert await what_if(database, window.id, without=[code]) == UnknownParticipant(code)
    assert UnknownParticipant("operator").message == "The operator itself cannot be named here."


async def test_an_aborted_window_is_owed_under_any_terms(database: Database) -> None:
    """A multilateral window kept no obligations; given up, its lines are what the next one pays, between pairs too."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 90_000})
    await trade(network, *((ann, *order) for order in HOTEL_AIRLINE_COFFEE))
    given = done(await close(database, MAKER))
    wanted = {netting: await what_if(database, given.id, terms=Terms(netting)) for netting in Netting}
    alone = await what_if(database, given.id, terms=Terms(Netting.BILATERAL), without=["coffee"])
    await given_up(database, given, reason="a wrong rate")
    following = await current_window(database)
    for netting, before in wanted.items():
        found = await what_if(database, following.id, terms=Terms(netting))
        assert isinstance(found, WhatIf)
        assert isinstance(before, WhatIf)
        assert found.payments == before.payments
        assert [it.opening for it in found.obligations] == [it.lines for it in before.obligations] != []
    found = await what_if(database, following.id, terms=Terms(Netting.BILATERAL), without=["coffee"])
    assert isinstance(found, WhatIf)
    assert isinstance(alone, WhatIf)
    assert found.payments == alone.payments != ()
    assert [p.carried for p in found.positions] == [p.carried for p in alone.positions]
