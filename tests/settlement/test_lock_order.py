"""Whoever has to wait holds nothing that comes later in the order of locks: no two can wait for each other."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from brands import OPERATOR_ID
from brands.accounts import owed_account
from core.database import Connection, Database
from settlement import Status, Window, abort, close, net, reconcile
from settlement.cash import Imported, due_payments, import_bank_statements, instruct, propose_top_up, unexplained_lines
from settlement.postings import position_account_id
from tests.blocked import blocks
from tests.network import load_network
from tests.settlement.agreed import agree_on
from tests.settlement.cash.bank import Movement, advised, camt, register
from tests.settlement.cash.test_money import PREPAID, received, whole
from tests.settlement.trade import MAKER, approved, done, to_advised, trade

_ACCOUNT = "SELECT FROM ledger_account WHERE id = $1 FOR NO KEY UPDATE"
_WINDOW = "SELECT FROM settlement_window WHERE id = $1 FOR UPDATE"

Doing = Callable[[], Coroutine[Any, Any, object]]


async def in_order(superuser: Connection, lock: str, keys: Sequence[UUID], doing: Doing) -> object:
    """What comes of it when it waits for the first of the keys and, as another sees, holds none of the others."""
    async with superuser.transaction():
        await superuser.execute(lock, keys[0])
        task = asyncio.create_task(doing())
        await blocks(superuser)
        for key in keys[1:]:
            await superuser.execute(f"{lock} NOWAIT", key)
    return await task


async def test_a_bank_s_file_holds_accounts_as_a_close_does(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """Two statements, which pay first whose account comes last; the operator's own part comes after both."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0, "BEANS": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "HOTEL", "BEANS", 3_000))
    await register(database)
    window = (await to_advised(database, tmp_path)).window
    await instruct(database, window.id, MAKER, folder=tmp_path)
    due = await due_payments(database)
    owed = {it.participant: owed_account(network.brand_id(it.participant)).id for it in due if not it.incoming}
    outgoing = sorted((it for it in due if not it.incoming), key=lambda it: owed[it.participant], reverse=True)
    (paid,) = [it for it in due if it.incoming]
    await received(database, "S0", 0, Movement(paid.open_fen, paid.reference))
    first, second = (Movement(-it.open_fen, it.reference) for it in outgoing)
    files = [camt("S1", paid.open_fen, first), camt("S2", paid.open_fen + first.fen, second)]
    statement = files[1][files[1].index(b"<Stmt>") : files[1].index(b"</BkToCstmrStmt>")]
    both = files[0].replace(b"</BkToCstmrStmt>", statement + b"</BkToCstmrStmt>")
    keys = sorted([*owed.values(), owed_account(OPERATOR_ID).id])
    found = await in_order(superuser, _ACCOUNT, keys, lambda: import_bank_statements(database, both, MAKER))
    assert isinstance(found, Imported), found
    assert [it.status for it in found.moved] == [Status.SETTLED]
    await whole(database)


async def test_taking_a_window_back_holds_accounts_as_a_close_does(database: Database, superuser: Connection) -> None:
    """Deposits widen caps again before the netting is undone: the position of whoever pays comes last here."""
    network = await load_network(database)
    await register(database)
    await agree_on(database, PREPAID)
    positions = {code: position_account_id(network.brand_id(code), "air") for code in ("hotel", "airline")}
    payee, payer = sorted(positions, key=lambda code: positions[code])
    await received(database, "S1", 0, Movement(200_00, "deposit"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, payer, "air", 200_00, MAKER, reason="r"))
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 50_000})
    points = {"hotel": "HOTEL", "airline": "MILES"}
    await trade(network, (ann, points[payer], points[payee], 1_000))
    window = done(await close(database, MAKER, model="air"))
    done(await reconcile(database, window.id, MAKER))
    done(await net(database, window.id, MAKER))
    owed = [owed_account(who).id for who in (OPERATOR_ID, network.brand_id(payee))]
    keys = sorted([*positions.values(), *owed])
    found = await in_order(superuser, _ACCOUNT, keys, lambda: abort(database, window.id, MAKER, reason="a wrong rate"))
    assert isinstance(found, Window), found
    assert found.status is Status.ABORTED
    await whole(database)


async def test_telling_the_bank_locks_the_oldest_window_first(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """An older one is not paid yet; a close may hold it, because it is the one before."""
    network, older = await advised(database, tmp_path)
    await instruct(database, older.id, MAKER, folder=tmp_path)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    later = (await to_advised(database, tmp_path)).window
    keys = [older.id, later.id]
    await in_order(superuser, _WINDOW, keys, lambda: instruct(database, later.id, MAKER, folder=tmp_path))
    await whole(database)
