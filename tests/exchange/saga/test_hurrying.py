"""What a brand tells of an exchange makes us ask at once."""

from datetime import timedelta

from brands import directory
from core.database import Connection
from core.ids import new_id
from exchange import State
from exchange.saga.errands import Role, reference_of
from exchange.saga.hurrying import hurry
from exchange.saga.jobs import due_exchanges
from tests.exchange.saga.stage import Stage
from tests.exchange.saga.test_life import whole


async def test_it_is_asked_at_once(stage: Stage, superuser: Connection) -> None:
    """What would be asked later is due now, once; other brands' words and unknown references hurry nothing."""
    stage.ferry.tricks.append("pending")
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await stage.run()
    assert await due_exchanges(stage.database) == []
    reference = reference_of(made.id, Role.CREDIT, 0).text
    async with stage.database.connection() as connection:
        known = await directory(connection)
    rail, ferry = known.program("RAIL"), known.program("FERRY")
    assert rail
    assert ferry
    assert not await hurry(stage.database, rail, reference)
    assert not await hurry(stage.database, ferry, reference_of(new_id(), Role.CREDIT, 0).text)
    assert not await hurry(stage.database, ferry, "nonsense")
    assert await due_exchanges(stage.database) == []
    assert await hurry(stage.database, ferry, reference)
    assert await due_exchanges(stage.database) == [made.id]
    assert not await hurry(stage.database, ferry, reference)
    waiting = await superuser.fetchval("SELECT count(*) FROM pgqueuer WHERE dedupe_key LIKE '%:told %'")
    assert waiting == 1
    await stage.wait(timedelta(days=3))
    assert (await stage.now(made)).state is State.COMPLETED
    assert await whole(stage) == []
