"""The work list: what is wanted, the largest at risk first, page after page."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Database
from core.ids import new_id
from settlement import current_window
from settlement.errors import WindowNotFound
from settlement.reconciliation.breaks import AgeBand, age_band
from settlement.reconciliation.finding import BreakPage, Place, Wanted, find_page
from tests.network import Network
from tests.settlement.reconciliation.statements import Stated, network_of, taken, written
from tests.settlement.trade import to_closed


@pytest.fixture
async def network(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> Network:
    """Four breaks of one day; two are of the same size."""
    loaded = await network_of(pinned_database)
    clock.advance(timedelta(days=1))
    rows = [Stated(f"A-{number}", str(amount)) for number, amount in enumerate((100, 300, 200, 200))]
    await taken(loaded, tmp_path, written(rows))
    return loaded


async def page(network: Network, wanted: Wanted, *, first: int = 50, after: Place | None = None) -> BreakPage:
    """That page."""
    found = await find_page(network.database, wanted, first=first, after=after)
    assert isinstance(found, BreakPage), found
    return found


async def test_pages_lose_and_repeat_nothing(network: Network) -> None:
    """Also where two are of one size; the count and what is at risk are those of all."""
    seen: list[int] = []
    after: Place | None = None
    for more in (True, True, True, False):
        found = await page(network, Wanted(), first=1, after=after)
        assert (found.more, found.count, found.at_risk_micro) == (more, 4, 60_000_000)
        seen += [it.value_micro for it in found.breaks]
        after = Place.read(str(Place.of(found.breaks[-1])))
    assert seen == [22_500_000, 15_000_000, 15_000_000, 7_500_000]
    assert (await page(network, Wanted(), after=after)).breaks == []


async def test_by_age_and_window(network: Network, clock: SettableClock) -> None:
    """A break of the days of a window is found by it, and by the band that it is shown in."""
    closed = await to_closed(network.database)
    clock.advance(timedelta(days=40))
    now = await current_window(network.database)
    assert (await page(network, Wanted(window_id=closed.id))).count == 4
    assert (await page(network, Wanted(window_id=now.id))).count == 0
    assert await find_page(network.database, Wanted(window_id=(other := new_id()))) == WindowNotFound(str(other))
    for days in (0, 50):
        clock.advance(timedelta(days=days))
        for band in AgeBand:
            found = await page(network, Wanted(age=band))
            assert found.count == 4 * (
                band is age_band((await page(network, Wanted())).breaks[0].opened_at, clock.now())
            )


@pytest.mark.parametrize("text", ["", "1", "x/0199", "-1/0199", f"{2**63}/0199", "１/0199"])
def test_what_is_no_place(text: str) -> None:
    """Nothing that no page gave is read."""
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads its words
        Place.read(text)
