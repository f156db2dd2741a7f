"""The line of a cut-off: what is posted with it, and that it can be rehearsed."""

from core.database import Connection
from core.ids import new_id
from ledger import Account, Limit, Outcome, Part, Status, Transfer, balances, cut_off, draw_line, rehearse_line
from tests.ledger.tables import Table

_RECORDED = "SELECT last_recorded_at FROM ledger_account WHERE id = $1"

_EVERYTHING = """
SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM ledger_refusal),
    (SELECT count(*) FROM ledger_balance), (SELECT max(last_recorded_at) FROM ledger_account),
    (SELECT count(*) FROM ledger_asset)
"""

_PREPARED = "SELECT count(*) FROM pg_prepared_statements"

_OPEN_ASSET = (
    "INSERT INTO ledger_asset (code, scale, kind, time_zone) SELECT ?, 0, 'points', 'UTC' FROM accounts LIMIT 1"
)


def _moves(table: Table, count: int, amount: int = 1) -> list[Transfer]:
    return [Transfer(new_id(), table.account(f"a{n}"), table.account(f"b{n}"), amount, 0) for n in range(count)]


async def _open(table: Table, count: int) -> None:
    owner, floor = new_id(), Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
    for n in range(count):
        table.accounts |= {name: Account(owner, "P", name, floor) for name in (f"a{n}", f"b{n}")}
        await table.run(f"i{n} issued > a{n} 5 created\nj{n} issued > b{n} 5 created")


async def test_what_is_posted_with_the_line_is_recorded_just_after_it(table: Table) -> None:
    """Moved, refused for, or neither: on every account of the line the next recording is later than it."""
    await _open(table, 3)
    moves = [*_moves(table, 2), Transfer(new_id(), table.account("a0"), table.account("a2"), 99, 0)]
    ids = [table.account(f"{side}{n}") for side in "ab" for n in range(3)]
    async with table.database.transaction() as connection:
        line = await cut_off(connection, ids, clock=table.clock)
        assert line.net_credits == dict.fromkeys(ids, 5)
        outcomes = await draw_line(connection, line, moves)
        drawn = [await connection.fetchval(_RECORDED, account_id) for account_id in ids]
        held = await balances(connection, ids)
    assert [outcome.status for outcome in outcomes] == [Status.CREATED, Status.CREATED, Status.EXCEEDS_CREDITS]
    assert {outcome.recorded_at for outcome in outcomes} == {*drawn}
    assert min(drawn) > line.instant
    assert [held[account_id].net_credit for account_id in ids] == [4, 4, 5, 6, 6, 5]


async def test_accounts_locked_for_the_transfers_only_are_not_cut(table: Table) -> None:
    """The line leaves them as they are, unless something moves in them."""
    await _open(table, 2)
    cut, other = table.account("a0"), table.account("b0")
    async with table.database.transaction() as connection:
        before = await connection.fetchval(_RECORDED, other)
        await draw_line(connection, await cut_off(connection, [cut], others=[other], clock=table.clock))
        assert await connection.fetchval(_RECORDED, other) == before


async def _seen(connection: Connection) -> tuple[object, ...]:
    row = await connection.fetchrow(_EVERYTHING)
    assert row is not None
    return tuple(row)


async def test_a_rehearsal_sends_what_will_be_sent_and_changes_nothing(table: Table) -> None:
    """Drawing the line afterwards prepares no further statement, and posts and writes along as without rehearsal."""
    await _open(table, 4)

    def along(_: object) -> list[Part]:
        return [Part("extra", _OPEN_ASSET, ("EXTRA",))]

    async with table.database.transaction() as connection:
        before = await _seen(connection)
        await rehearse_line(connection, _moves(table, 3), along=along, clock=table.clock)
        assert await _seen(connection) == before
        prepared = await connection.fetchval(_PREPARED)
        moves = _moves(table, 4)
        ids = [key for it in moves for key in (it.debit_account_id, it.credit_account_id)]
        line = await cut_off(connection, ids, clock=table.clock)
        outcomes: list[Outcome] = await draw_line(connection, line, moves, along=along)
        assert await connection.fetchval(_PREPARED) == prepared
        assert all(outcome.ok for outcome in outcomes)
        assert await connection.fetchval("SELECT count(*) FROM ledger_asset WHERE code = 'EXTRA'") == 1
