"""What a forger with a superuser's hands may do to single rows of a ledger, each named, and undone afterwards.

Every row but its own is left as it is, and triggers do not see it: only the rest of the books can tell.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from core.database import Connection
from core.errors import AgioError
from core.ids import new_id

_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "ledger_transfer": ("id",),
    "ledger_account": ("id",),
    "ledger_balance": ("account_id", "recorded_at"),
    "ledger_refusal": ("id",),
    "ledger_pending": ("id",),
    "ledger_reversal": ("original_id",),
    "ledger_lot": ("id",),
    "ledger_lot_use": ("transfer_id",),
    "ledger_term_change": ("id",),
    "ledger_seal": ("number",),
}


@dataclass(frozen=True, slots=True)
class Forgery:
    """One row altered (`change` is what is set), removed (no `change`) or added (`added` sets the copy's new key)."""

    name: str
    table: str
    change: str = ""
    added: str = ""
    where: str = "true"


FORGERIES: Final = (
    Forgery("altered amount", "ledger_transfer", "amount = amount + 1"),
    Forgery("altered debit account", "ledger_transfer", "debit_account_id = $1"),
    Forgery("altered code", "ledger_transfer", "code = code + 1"),
    Forgery("missing transfer", "ledger_transfer"),
    Forgery("added transfer", "ledger_transfer", added="id = $1"),
    Forgery("altered account", "ledger_account", "credits_posted = credits_posted + 1", where="credits_posted > 0"),
    Forgery("altered balance in the past", "ledger_balance", "debits_posted = debits_posted + 1"),
    Forgery("missing balance in the past", "ledger_balance"),
    Forgery(
        "added balance in the past", "ledger_balance", added="recorded_at = recorded_at + interval '1 microsecond'"
    ),
    Forgery("altered lot", "ledger_lot", "remaining = remaining - 1", where="live"),
    Forgery("missing lot", "ledger_lot"),
    Forgery("added lot", "ledger_lot", added="id = $1"),
    Forgery("altered use of lots", "ledger_lot_use", "amounts[1] = amounts[1] + 1"),
    Forgery("missing use of lots", "ledger_lot_use"),
    Forgery("missing pending transfer", "ledger_pending"),
    Forgery("missing reversal", "ledger_reversal"),
    Forgery("missing refusal", "ledger_refusal"),
    Forgery("altered credit line's history", "ledger_term_change", "credit_line = credit_line + 1"),
    Forgery("altered seal", "ledger_seal", "digest = set_byte(digest, 0, get_byte(digest, 0) # 1)"),
)
"""At least one of each kind of each table that carries value."""


_SAMPLE: Final = 1_000
"""About how many rows of a table to choose from."""

_TRANSFER: Final = {"ledger_transfer": "id", "ledger_lot": "transfer_id", "ledger_lot_use": "transfer_id"}
"""The tables that are sealed with their transfers, and the column that says with which."""

_SEAL_OF: Final = """
select min(number) from ledger_seal where xact_until >= (select xact from ledger_transfer where id = $1)
"""


class NothingToForge(AgioError):
    """There is no row to forge."""


class Forger:
    """Forges, and undoes what it forged. `connection` is a superuser's, and nobody else writes meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: list[tuple[Forgery, Mapping[str, Any]]] = []
        self._seals: set[int] = set()

    async def __aenter__(self) -> Self:
        await self._connection.execute("set session_replication_role = replica; create schema forged")
        return self

    async def __aexit__(self, *_: object) -> None:
        for place, (forgery, key) in reversed(list(enumerate(self._kept))):
            await self._undo(forgery, key, f"forged.row{place}")
        await self._connection.execute("drop schema forged cascade; reset session_replication_role")

    async def forge(self, forgery: Forgery) -> Sequence[str]:
        """Forge a row that no other forgery has touched; the key of the row as text, instants to the second."""
        kept = f"forged.row{len(self._kept)}"
        key = await self._keep(forgery, kept)
        if forgery.added:
            await self._run(f"update {kept} set {forgery.added}")
            key = await self._row(f"select {', '.join(key)} from {kept}")
            await self._put(forgery.table, kept)
        elif forgery.change:
            await self._at(key, f"update {forgery.table} set {forgery.change}")
        else:
            await self._at(key, f"delete from {forgery.table}")
        self._kept.append((forgery, key))
        return [f"{value:%F %T}" if isinstance(value, datetime) else str(value) for value in key.values()]

    async def _keep(self, forgery: Forgery, kept: str) -> Mapping[str, Any]:
        """Copy a row from somewhere in the middle of its table into `kept`; its key."""
        key = await self._chosen(forgery)
        await self._at(key, f"create table {kept} as select * from {forgery.table}")
        return key

    async def _chosen(self, forgery: Forgery) -> Mapping[str, Any]:
        names = ", ".join(_KEYS[forgery.table])
        taken = {tuple(key.values()) for other, key in self._kept if other.table == forgery.table}
        size = await self._connection.fetchval(
            f"select reltuples from pg_class where oid = '{forgery.table}'::regclass"
        )
        share = min(100.0, 100 * _SAMPLE / max(size, 1))
        rows = await self._connection.fetch(
            f"select {names} from {forgery.table} tablesample system ({share}) where {forgery.where} limit 10000"
        )
        for row in random.sample(rows, len(rows)):
            if tuple(row) not in taken and await self._is_alone(forgery.table, dict(row)):
                return dict(row)
        raise NothingToForge(forgery.name)

    async def _is_alone(self, table: str, key: Mapping[str, Any]) -> bool:
        """Whether no other forgery lies under the same seal: of each, the audit names the first row that differs."""
        if table not in _TRANSFER:
            return True
        query = f"select {_TRANSFER[table]} as id from {table} where {_KEYS[table][0]} = '{next(iter(key.values()))}'"
        transfer = await self._row(query)
        number = await self._connection.fetchval(_SEAL_OF, transfer["id"])
        alone = number not in self._seals
        self._seals.add(number)
        return alone

    async def _undo(self, forgery: Forgery, key: Mapping[str, Any], kept: str) -> None:
        if forgery.change or forgery.added:
            await self._at(key, f"delete from {forgery.table}")
        if not forgery.added:
            await self._put(forgery.table, kept)

    async def _put(self, table: str, kept: str) -> None:
        query = f"""
            select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
            where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
        """
        names = (await self._row(query))["names"]
        await self._run(f"insert into {table} ({names}) overriding system value select {names} from {kept}")

    async def _at(self, key: Mapping[str, Any], statement: str) -> None:
        # Literals, because CREATE TABLE AS takes no arguments; what $1 stands for is a fresh id.
        condition = " and ".join(f"{name} = '{value}'" for name, value in key.items())
        await self._run(f"{statement} where {condition}")

    async def _run(self, statement: str) -> None:
        done = await self._connection.execute(statement.replace("$1", f"'{new_id()}'"))
        assert done.endswith(" 1"), (statement, done)

    async def _row(self, query: str) -> Mapping[str, Any]:
        row = await self._connection.fetchrow(query)
        assert row is not None, query
        return dict(row)
