"""From a figure to its lines, and from a line to its transfers, its exchange and the brand's own line."""

from pathlib import Path
from uuid import UUID

import pytest

from core.database import Connection, Database
from core.ids import new_id
from settlement import Replay, Status, Window, WindowNotFound, WrongStep, current_window, replay
from settlement.proof import LineNotFound, LinePage, LinesWanted, ParticipantNotFound, explain, lines_of
from settlement.proof.explaining import Explanation
from settlement.statement import Line
from tests.network import Network, load_network
from tests.settlement.trade import claim_lounge, seen, to_advised, to_approved, trade, visit_lounge


async def traded(database: Database) -> tuple[Network, Window]:
    """An approved window with exchanges both ways and a visit to the lounge."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 100_00})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "BEANS", 1_110), (ann, "BEANS", "HOTEL", 5_050))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    return network, await to_approved(database)


async def lines(database: Database, wanted: LinesWanted) -> list[Line]:
    """The lines, however many pages it takes."""
    found, page = list[Line](), LinePage(await current_window(database), (), more=True)
    while page.more:
        after = (found[-1].recorded_at, found[-1].transfer_id) if found else None
        answer = await lines_of(
            database,
            LinesWanted(wanted.window_id, wanted.participant, wanted.kind, wanted.counterparty, after, wanted.first),
        )
        assert isinstance(answer, LinePage), answer
        page, found = answer, [*found, *answer.lines]
    return found


async def test_every_subtotal_leads_to_its_lines(database: Database) -> None:
    """For every participant and kind: as many lines, and the same sums; in pages of any size the same lines."""
    network, window = await traded(database)
    codes = {brand.id: brand.code for brand in network.directory.participants()}
    for position in (await seen(database, window.id)).figures.positions:
        who = codes.get(position.participant_id, "operator")
        everything = await lines(database, LinesWanted(window.id, who))
        assert sum(line.credit - line.debit for line in everything) == position.closing - position.opening
        for first in (1, 3):
            assert await lines(database, LinesWanted(window.id, who, first=first)) == everything
        for other in {line.counterparty for line in everything}:
            found = await lines(database, LinesWanted(window.id, who, counterparty=other, first=1))
            assert found == [line for line in everything if line.counterparty == other]
        for subtotal in position.subtotals:
            kind = {line.kind for line in everything if line.kind}
            found = [line for it in kind for line in await lines(database, LinesWanted(window.id, who, it, first=2))]
            assert len(found) == sum(it.lines for it in position.subtotals), subtotal


async def test_a_line_leads_to_its_transfers_and_its_exchange(database: Database) -> None:
    """All six of an exchange, found from any one line, balanced for each asset."""
    _, window = await traded(database)
    (line, *_) = await lines(database, LinesWanted(window.id, "airline", "POSITION_CREDIT"))
    found = await explain(database, line.transfer_id)
    assert isinstance(found, Explanation)
    assert (found.detail, found.reference) == ("HOTEL 3000 for MILES 1980", line.reference)
    assert found.exchange is not None
    assert found.exchange.id == line.reference
    told = [(it.debit_purpose, it.credit_purpose, it.asset, it.amount) for it in found.transfers]
    assert told == [
        ("member", "issued", "HOTEL", 3_000),
        ("position", "exchange_clearing", "CNY", 150_000_000),
        ("issued", "member", "MILES", 1_980),
        ("exchange_clearing", "position", "CNY", 148_500_000),
        ("exchange_clearing", "position", "CNY", 1_500_000),
    ]
    assert found.owners[found.transfers[1].debit_owner] == "hotel"
    assert found.transfers[0].debit_owner not in found.owners


async def test_a_visit_leads_to_its_redemption(database: Database) -> None:
    _, window = await traded(database)
    (line,) = await lines(database, LinesWanted(window.id, "airline", "RIGHT_SETTLEMENT"))
    found = await explain(database, line.transfer_id)
    assert isinstance(found, Explanation)
    assert (found.detail, found.exchange) == ("lounge at airline-lounge", None)
    assert line.transfer_id in {it.id for it in found.transfers}


async def test_the_brands_own_line_stands_beside_the_transfer(database: Database, superuser: Connection) -> None:
    """Where a brand's file stated it and it was matched."""
    network, window = await traded(database)
    (line, *_) = await lines(database, LinesWanted(window.id, "airline", "POSITION_CREDIT"))
    before = await explain(database, line.transfer_id)
    assert isinstance(before, Explanation)
    (points,) = [it for it in before.transfers if it.asset == "MILES"]
    await match(superuser, network.program("MILES").id, points.id, line.reference)
    found = await explain(database, line.transfer_id)
    assert isinstance(found, Explanation)
    (stated,) = found.brand_lines
    assert (stated.transfer_id, stated.key, stated.row, stated.amount) == (points.id, "A-1", 7, 1_980)


async def match(superuser: Connection, program_id: UUID, transfer_id: UUID, reference: UUID | None) -> None:
    """Write a brand's line and its match into the tables."""
    file, line = new_id(), new_id()
    await superuser.execute(
        "INSERT INTO settlement_brand_file (id, program_id, name, digest, correction, first_day, last_day, rows, "
        "imported_by, imported_at) "
        "VALUES ($1, $2, 'miles.csv', $3, false, '2026-01-01', '2026-01-31', 1, 'lin', now())",
        *(file, program_id, "0" * 64),
    )
    await superuser.execute(
        "INSERT INTO settlement_brand_line (id, file_id, program_id, row, key, booked, reference, asset, amount, "
        "member, day) VALUES ($1, $2, $3, 7, 'A-1', true, $4, 'MILES', 1980, 'M-1', '2026-01-15')",
        *(line, file, program_id, str(reference)),
    )
    await superuser.execute(
        "INSERT INTO settlement_match (program_id, rule, brand_line_id, transfer_id, asset, amount, matched_at) "
        "VALUES ($1, 'REFERENCE', $2, $3, 'MILES', 1980, now())",
        *(program_id, line, transfer_id),
    )


async def test_what_leads_nowhere_is_refused(database: Database) -> None:
    _, window = await traded(database)
    unknown = new_id()
    assert await explain(database, unknown) == LineNotFound(str(unknown))
    assert await lines_of(database, LinesWanted(unknown, "hotel")) == WindowNotFound(str(unknown))
    assert await lines_of(database, LinesWanted(window.id, "nobody")) == ParticipantNotFound("nobody")
    other = LinesWanted(window.id, "hotel", counterparty="nobody")
    assert await lines_of(database, other) == ParticipantNotFound("nobody")
    opened = await current_window(database)
    assert await lines_of(database, LinesWanted(opened.id, "hotel")) == WrongStep(
        opened.number, Status.OPEN, Status.CLOSED
    )


async def test_a_replay_writes_every_statement_again(database: Database, tmp_path: Path) -> None:
    """In all formats; none before the window is advised."""
    _, window = await traded(database)
    early = await replay(database, window.id, statements=True)
    assert isinstance(early, Replay)
    assert early.statements == ()
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    advice = await to_advised(database, tmp_path)
    found = await replay(database, advice.window.id, statements=True)
    assert isinstance(found, Replay)
    assert found.agrees
    assert [(it.participant, it.format, it.kept, it.written) for it in found.statements] == [
        (it.participant, it.format.value, it.sha256, it.sha256) for it in advice.files
    ]


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE settlement_advice SET sha256 = '{'0' * 64}' WHERE file_name = 'hotel.pdf'",
        "DELETE FROM settlement_advice WHERE file_name = 'hotel.pdf'",
    ],
)
async def test_a_replay_that_differs_does_not_agree(
    database: Database, superuser: Connection, tmp_path: Path, change: str
) -> None:
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    advice = await to_advised(database, tmp_path)
    await superuser.execute(change)
    found = await replay(database, advice.window.id, statements=True)
    assert isinstance(found, Replay)
    assert not found.agrees
