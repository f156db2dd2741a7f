"""A participant is told of every movement of its deposit."""

from datetime import timedelta
from pathlib import Path

from settlement import decide
from settlement.cash import (
    Imported,
    Instructed,
    Proposal,
    Verdict,
    due_payments,
    import_bank_statements,
    instruct,
    propose_draw,
    propose_top_up,
    propose_withdrawal,
    unexplained_lines,
)
from tests.settlement.agreed import agree_on
from tests.settlement.cash.bank import Movement, camt, register
from tests.settlement.trade import CHECKER, MAKER, to_advised, to_closed
from tests.webhooks.test_every_event import House
from tests.webhooks.test_every_event import house as house
from webhooks.events import EventType


async def test_a_deposit_that_grows_and_shrinks(house: House, tmp_path: Path) -> None:
    """Topped up; a part is paid back; a window takes a part as agreed; another part pays what is late."""
    database = house.database
    await agree_on(database, 'model = "network"\nfunding = "prefunded"\n')
    await to_closed(database)
    await register(database, ("operator", "hotel", "airline"))
    assert isinstance(await import_bank_statements(database, camt("S1", 0, Movement(100_00)), MAKER), Imported)
    (receipt,) = await unexplained_lines(database)
    hotel = ("hotel", "network")
    await _decided(house, await propose_top_up(database, receipt.id, *hotel, 100_00, MAKER, reason="the contract"))
    await _decided(house, await propose_withdrawal(database, *hotel, 20_00, MAKER, reason="too much"))
    ann = await house.stage.network.enrol({"HOTEL": 3_000, "MILES": 0})
    await house.stage.exchange(ann, "HOTEL", "MILES", 3_000)
    window = (await to_advised(database, tmp_path)).window
    for _ in range(2):
        assert isinstance(await instruct(database, window.id, MAKER, folder=tmp_path, outbox=house.outbox), Instructed)
    (left,) = [it for it in await due_payments(database) if it.incoming]
    assert left.open_fen == 70_00
    second = import_bank_statements(database, camt("S2", 100_00, Movement(30_00, key="S2")), MAKER)
    assert isinstance(await second, Imported)
    (receipt,) = await unexplained_lines(database)
    await _decided(house, await propose_top_up(database, receipt.id, *hotel, 30_00, MAKER, reason="more"))
    house.stage.clock.advance(timedelta(days=3))
    await _decided(house, await propose_draw(database, left.id, "network", 10_00, MAKER, reason="late"))
    await house.courier.deliver_due()
    heard = [each for each in house.receiver.taken if each.told["type"].startswith("deposit.")]
    told = sorted((each.told for each in heard), key=lambda each: str(each["timestamp"]))
    assert {each.brand for each in heard} == {"hotel"}
    assert all(each["data"].pop("id") and each["timestamp"] == each["data"].pop("recordedAt") for each in told)
    assert sorted((each["type"], each["data"]["movement"], each["data"]["amount"]) for each in told) == [
        (EventType.DEPOSIT_DRAWN, "DRAWN", "10.00"),
        (EventType.DEPOSIT_DRAWN, "TAKEN", "80.00"),
        (EventType.DEPOSIT_PAID_BACK, "PAID_BACK", "20.00"),
        (EventType.DEPOSIT_TOPPED_UP, "TOPPED_UP", "100.00"),
        (EventType.DEPOSIT_TOPPED_UP, "TOPPED_UP", "30.00"),
    ]
    assert told[-1]["data"] == {
        "participant": "hotel",
        "model": "network",
        "movement": "DRAWN",
        "amount": "10.00",
        "balance": "20.00",
        "window": window.number,
        "reason": "late",
    }


async def _decided(house: House, proposed: object) -> None:
    """The second person approves, and says so again."""
    assert isinstance(proposed, Proposal), proposed
    for _ in range(2):
        decided = await decide(
            house.database,
            proposed.id,
            CHECKER,
            Verdict.APPROVED,
            digest=proposed.digest,
            reason="seen",
            outbox=house.outbox,
        )
        assert isinstance(decided, Proposal), decided
