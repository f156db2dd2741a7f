"""A program's month out of real movements: opening + lines = closing = what members hold; and estimates."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

import pytest
from asyncpg import CheckViolationError, InsufficientPrivilegeError, RestrictViolationError
from openpyxl import load_workbook

from brands.accounts import issued_account, points_account
from core.clock import SettableClock
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from exchange import Award, Burn, Movement, UnknownProgram, award, burn
from ledger import Transfer, expire_lots, post
from settlement import Actor, ReasonMissing
from settlement.month_end import (
    Estimate,
    EstimateDecided,
    EstimateDecision,
    EstimateNotFound,
    EstimateTooEarly,
    EstimateUnusable,
    Heading,
    Month,
    MonthEnd,
    MonthNotBegun,
    ProposerDecides,
    RollForwardDiffers,
    decide_estimate,
    estimates,
    month_end,
    propose_estimate,
    write_csv,
    write_xlsx,
)
from tests.network import Network, Person, load_network
from tests.settlement.trade import claim_lounge, trade

MAKER, CHECKER = Actor("lin"), Actor("chen")
JANUARY, FEBRUARY, MARCH = (Month(2026, number) for number in (1, 2, 3))
APPROVED, REJECTED = EstimateDecision.APPROVED, EstimateDecision.REJECTED


async def move(network: Network, kind: type[Award | Burn], person: Person, program: str, amount: int) -> Movement:
    """Points that the program's own brand gives or takes."""
    owner = network.program(program).brand_id
    order = kind(program, person.cards[program].number, amount, owner, "crm", str(new_id()))
    found = await (award(network.database, order) if isinstance(order, Award) else burn(network.database, order))
    assert isinstance(found, Movement), found
    return found


async def seen(database: Database, program: str, month: Month) -> MonthEnd:
    """The month."""
    found = await month_end(database, program, month)
    assert isinstance(found, MonthEnd), found
    return found


def lines(found: MonthEnd) -> dict[str, int]:
    """What is not zero."""
    moved = {heading.value: amount for heading, amount in found.points.moved.items() if amount}
    return {"opening": found.points.opening, **moved, "closing": found.points.closing}


async def busy_january(database: Database) -> tuple[Network, Person]:
    """Opening balances, an award, a burn, a right, exchanges both ways and a reversal, all in January."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000})
    await network.enrol({"HOTEL": 1_000}, expires_at=datetime(2026, 1, 20, tzinfo=UTC))
    await reverse(network, ann, await move(network, Award, ann, "HOTEL", 700))
    await move(network, Burn, ann, "HOTEL", 1_200)
    await claim_lounge(network, ann, "HOTEL")
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "HOTEL", 1_000))
    return network, ann


async def reverse(network: Network, person: Person, movement: Movement) -> None:
    """Take an award back in the ledger."""
    program = network.program("HOTEL")
    card, issued = points_account(person.cards["HOTEL"].id, program), issued_account(program)
    async with network.database.transaction() as connection:
        (original,) = await connection.fetch("SELECT id FROM ledger_transfer WHERE code = $1", int(Code.AWARD))
        back = Transfer(new_id(), card.id, issued.id, movement.amount, Code.REVERSAL, reverses_id=original["id"])
        (outcome,) = await post(connection, [back], clock=network.database.clock)
    assert outcome.ok, outcome


async def test_every_line_is_where_it_belongs(pinned_database: Database, clock: SettableClock) -> None:
    network, _ = await busy_january(pinned_database)
    clock.advance(timedelta(days=10))
    issued = issued_account(network.program("HOTEL")).id
    await expire_lots(pinned_database, "HOTEL", issued, code=Code.EXPIRY)
    received = 985  # 60.00 less 0.90, bought at 0.06
    found = await seen(pinned_database, "HOTEL", JANUARY)
    assert lines(found) == {
        "opening": 0,
        "issued": 21_000,
        "redeemed": -3_200,
        "exchanged_in": received,
        "exchanged_out": -3_000,
        "expired": -1_000,
        "closing": 13_800 + received,
    }
    assert not found.final
    clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    assert lines(await seen(pinned_database, "HOTEL", FEBRUARY)) == {
        "opening": 13_800 + received,
        "closing": 13_800 + received,
    }
    assert (await seen(pinned_database, "HOTEL", JANUARY)).final


async def test_a_month_begins_and_ends_in_the_programs_time_zone(
    pinned_database: Database, clock: SettableClock
) -> None:
    """What is recorded at midnight in Shanghai belongs to the month that begins."""
    network = await load_network(pinned_database)
    ann = await network.enrol({"HOTEL": 5_000})
    midnight = datetime(2026, 1, 31, 16, tzinfo=UTC)
    clock.set(midnight - timedelta(microseconds=1))
    await move(network, Award, ann, "HOTEL", 1)
    clock.set(midnight)
    await move(network, Award, ann, "HOTEL", 20)
    assert lines(await seen(pinned_database, "HOTEL", JANUARY))["closing"] == 5_001
    assert lines(await seen(pinned_database, "HOTEL", FEBRUARY)) == {"opening": 5_001, "issued": 20, "closing": 5_021}


async def test_what_no_line_knows_is_an_adjustment(pinned_database: Database) -> None:
    network = await load_network(pinned_database)
    ann = await network.enrol({"HOTEL": 5_000})
    program = network.program("HOTEL")
    card, issued = points_account(ann.cards["HOTEL"].id, program), issued_account(program)
    async with pinned_database.transaction() as connection:
        (outcome,) = await post(
            connection, [Transfer(new_id(), card.id, issued.id, 7, Code.ADJUSTMENT)], clock=pinned_database.clock
        )
    assert outcome.ok
    assert (await seen(pinned_database, "HOTEL", JANUARY)).points.moved[Heading.ADJUSTMENTS] == -7


async def test_books_that_do_not_tie_are_refused(pinned_database: Database, superuser: Connection) -> None:
    """A balance that somebody wrote into the issued account's history."""
    await busy_january(pinned_database)
    await superuser.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
    changed = """
    UPDATE ledger_balance SET debits_posted = debits_posted + 5
    WHERE account_id = (SELECT id FROM ledger_account WHERE asset = 'HOTEL' AND purpose = 'issued')
    """
    await superuser.execute(changed)
    found = await month_end(pinned_database, "HOTEL", JANUARY)
    assert isinstance(found, RollForwardDiffers)
    assert found.closing == found.explained + 5 == found.in_being + 5
    assert found.message.startswith("HOTEL 2026-01: the lines lead to ")


async def test_no_program_and_no_month(pinned_database: Database) -> None:
    await load_network(pinned_database)
    assert await month_end(pinned_database, "NIX", JANUARY) == UnknownProgram("NIX")
    assert await month_end(pinned_database, "HOTEL", FEBRUARY) == MonthNotBegun(FEBRUARY)
    assert lines(await seen(pinned_database, "HOTEL", JANUARY)) == {"opening": 0, "closing": 0}
    assert lines(await seen(pinned_database, "HOTEL", Month(1999, 12))) == {"opening": 0, "closing": 0}


async def propose(database: Database, month: Month, expected: int, who: Actor = MAKER) -> Estimate:
    """An estimate in the figures of IFRS 15."""
    found = await propose_estimate(database, who, "HOTEL", month, 8_676_00, 10_000, expected, reason="the survey")
    assert isinstance(found, Estimate), found
    return found


async def hold(database: Database, month: Month, expected: int) -> None:
    """The same, approved."""
    version = (await propose(database, month, expected)).version
    done = await decide_estimate(database, CHECKER, "HOTEL", version, APPROVED, reason="checked")
    assert isinstance(done, Estimate), done


async def test_the_example_of_ifrs_15_through_the_books(pinned_database: Database, clock: SettableClock) -> None:
    network = await load_network(pinned_database)
    ann = await network.enrol({"HOTEL": 10_000})
    await move(network, Burn, ann, "HOTEL", 4_500)
    assert (await seen(pinned_database, "HOTEL", JANUARY)).revenue is None
    await hold(pinned_database, JANUARY, 9_500)
    clock.set(datetime(2026, 2, 10, tzinfo=UTC))
    await move(network, Burn, ann, "HOTEL", 4_000)
    await hold(pinned_database, FEBRUARY, 9_700)
    first, second = [(await seen(pinned_database, "HOTEL", month)).revenue for month in (JANUARY, FEBRUARY)]
    assert first is not None
    assert second is not None
    assert (first.revenue_fen, second.revenue_fen, second.liability_fen) == (4_109_68, 3_493_00, 1_073_32)
    assert [round(it.revenue_fen / 100) for it in (first, second)] == [4_110, 3_493]
    assert (second.redeemed_to_date, second.recognised_before_fen) == (8_500, first.recognised_to_date_fen)
    assert (first.catch_up_fen, second.catch_up_fen) == (0, 4_024_95 - 4_109_68)


async def test_a_changed_expectation_falls_into_the_month_that_learns_of_it(
    pinned_database: Database, clock: SettableClock
) -> None:
    """In April, January to February stay as they were reported: March can still be changed, and catches up."""
    database, said = pinned_database, "the survey"
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000})
    await move(network, Burn, ann, "HOTEL", 4_500)
    await hold(database, JANUARY, 9_500)
    await propose(database, JANUARY, 9_600)
    reported = await seen(database, "HOTEL", JANUARY)
    clock.set(datetime(2026, 4, 3, tzinfo=UTC))
    figures = (8_676_00, 10_000, 9_700)
    for month in (JANUARY, FEBRUARY):
        late = await propose_estimate(database, MAKER, "HOTEL", month, *figures, reason=said)
        assert late == EstimateTooEarly(month, MARCH)
    waited = await decide_estimate(database, CHECKER, "HOTEL", 2, APPROVED, reason=said)
    assert waited == EstimateTooEarly(JANUARY, MARCH)
    await hold(database, MARCH, 9_700)
    await hold(database, MARCH, 9_800)
    again = await seen(database, "HOTEL", JANUARY)
    assert again.revenue == reported.revenue
    february, march = [(await seen(database, "HOTEL", month)).revenue for month in (FEBRUARY, MARCH)]
    assert february is not None
    assert march is not None
    assert (february.revenue_fen, march.revenue_fen, march.estimate.version) == (0, march.catch_up_fen, 4)
    assert march.recognised_to_date_fen == 3_983_88
    async with database.connection() as connection:
        assert [it.expected for it in await estimates(connection, march.estimate.program_id)] == [
            *(9_500, 9_600, 9_700, 9_800)
        ]


async def test_points_given_in_exchange_are_earned_too(pinned_database: Database) -> None:
    """And what was taken back is not."""
    await busy_january(pinned_database)
    await hold(pinned_database, JANUARY, 9_500)
    found = (await seen(pinned_database, "HOTEL", JANUARY)).revenue
    assert found is not None
    assert found.redeemed_to_date == 3_200 + 3_000


async def test_two_persons_enter_an_estimate(pinned_database: Database) -> None:
    """Said again it is the same; the proposer cannot approve; what was decided stays so."""
    await load_network(pinned_database)
    first = await propose(pinned_database, JANUARY, 9_500)
    assert await propose(pinned_database, JANUARY, 9_500) == first
    database, said = pinned_database, "said"
    assert await decide_estimate(database, MAKER, "HOTEL", 1, APPROVED, reason=said) == ProposerDecides("lin")
    done = await decide_estimate(database, CHECKER, "HOTEL", 1, APPROVED, reason=said)
    assert isinstance(done, Estimate)
    assert await decide_estimate(database, CHECKER, "HOTEL", 1, APPROVED, reason="again") == done
    assert await decide_estimate(database, CHECKER, "HOTEL", 1, REJECTED, reason=said) == EstimateDecided(1, "chen")
    assert (await propose(pinned_database, JANUARY, 9_400)).version == 2
    rejected = await decide_estimate(database, MAKER, "HOTEL", 2, REJECTED, reason="a typing error")
    assert isinstance(rejected, Estimate)
    assert (await propose(pinned_database, JANUARY, 9_400)).version == 3


async def test_what_is_no_estimate(pinned_database: Database) -> None:
    await load_network(pinned_database)
    await hold(pinned_database, FEBRUARY, 9_500)
    early = await propose_estimate(pinned_database, MAKER, "HOTEL", JANUARY, 1, 2, 1, reason="late")
    assert early == EstimateTooEarly(JANUARY, FEBRUARY)
    for figures in ((0, 1, 1), (1, 0, 0), (1, 1, 0), (1, 1, 2), (-1, 1, 1)):
        answer = await propose_estimate(pinned_database, MAKER, "HOTEL", MARCH, *figures, reason="no")
        assert answer == EstimateUnusable()
    assert await propose_estimate(pinned_database, MAKER, "NIX", MARCH, 1, 1, 1, reason="no") == UnknownProgram("NIX")
    assert await propose_estimate(pinned_database, MAKER, "HOTEL", MARCH, 1, 1, 1, reason=" ") == ReasonMissing()
    for version in (0, 2):
        nothing = await decide_estimate(pinned_database, CHECKER, "HOTEL", version, APPROVED, reason="x")
        assert nothing == EstimateNotFound(version)


async def test_two_that_were_proposed_are_approved_in_order(pinned_database: Database) -> None:
    """An estimate whose turn has passed cannot be approved any more."""
    await load_network(pinned_database)
    await propose(pinned_database, JANUARY, 9_500)
    await propose(pinned_database, FEBRUARY, 9_600)
    done = await decide_estimate(pinned_database, CHECKER, "HOTEL", 2, APPROVED, reason="checked")
    assert isinstance(done, Estimate)
    late = await decide_estimate(pinned_database, CHECKER, "HOTEL", 1, APPROVED, reason="checked")
    assert late == EstimateTooEarly(JANUARY, FEBRUARY)


async def test_the_database_keeps_what_was_decided(pinned_database: Database) -> None:
    await load_network(pinned_database)
    await hold(pinned_database, JANUARY, 9_500)
    await propose(pinned_database, FEBRUARY, 9_600)
    decided = "decision = 'APPROVED', decided_by = {}, decided_at = now(), decided_reason = 'x'"
    for change, error in (
        ("expected = 1", InsufficientPrivilegeError),
        ("decided_reason = 'another' WHERE version = 1", RestrictViolationError),
        (f"{decided.format('proposed_by')} WHERE version = 2", CheckViolationError),
    ):
        with pytest.raises(error):
            async with pinned_database.transaction() as connection:
                await connection.execute(f"UPDATE settlement_estimate SET {change}")


async def test_the_same_rows_on_paper(pinned_database: Database, clock: SettableClock) -> None:
    """CSV and workbook of a month that is over: the same figures, the same bytes every time."""
    await busy_january(pinned_database)
    await hold(pinned_database, JANUARY, 9_500)
    clock.set(datetime(2026, 2, 5, tzinfo=UTC))
    found = await seen(pinned_database, "HOTEL", JANUARY)
    texts, books = [], []
    for _ in range(2):
        text, book = io.BytesIO(), io.BytesIO()
        write_csv(found, cast("BinaryIO", text))
        write_xlsx(await seen(pinned_database, "HOTEL", JANUARY), cast("BinaryIO", book))
        texts.append(text.getvalue())
        books.append(book.getvalue())
    assert len(set(texts)) == len(set(books)) == 1
    table = {row["line"]: row for row in csv.DictReader(io.StringIO(texts[0].decode("utf-8-sig")))}
    sheet = {row[0].value: row for row in load_workbook(io.BytesIO(books[0]))["2026-01"].rows}
    assert table["redeemed"]["amount"] == "-3200"
    assert table["redeemed"]["remark"] == "BURN -1200 (1), RIGHT_PRICE -2000 (1)"
    assert table["issued"]["remark"].endswith("REVERSAL of AWARD -700 (1)")
    assert table["digest"]["remark"] == sheet["digest"][3].value == found.digest
    assert {line: float(row["amount"]) for line, row in table.items() if row["amount"]} == {
        str(line): row[2].value for line, row in sheet.items() if row[2].data_type == "n" and row[2].value is not None
    }
