"""What the audit of the books looks at on behalf of settlement. Reads only."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from brands.accounts import bank_account, due_account, in_flight_accounts, in_model, owed_account
from core.database import Connection
from ledger import balances
from ledger.audit import AuditCheck, Books, Finding, Span
from settlement.advice_audit import AdviceAsWritten
from settlement.approval import Decision, approvals
from settlement.errors import BooksBroken
from settlement.money_audit import MONEY_CHECKS
from settlement.netting import FEN_MICRO
from settlement.participants import codes, model_codes
from settlement.persons_audit import APPROVALS, HISTORY
from settlement.positions import position_accounts
from settlement.reconciliation.audit import BREAK_DISPUTES, BREAKS, MATCHES, TOLERATED, WRITE_OFFS
from settlement.records import kept_figures, netted_amounts
from settlement.replay import replayed
from settlement.steps import Status
from settlement.windows import find, netted_windows


class PositionsSumToZero:
    """In each model, all positions, the operator's included, and what unfinished exchanges hold add up to zero."""

    name = "positions-sum-to-zero"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """All at once."""
        del connection, books
        return [()]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The sums that are not zero."""
        del span
        sums = [(model, await _sum(connection, model)) for model in await model_codes(connection)]
        return [
            Finding(self.name, "ledger_account", in_model("position", model), "sum", "0", str(total))
            for model, total in sums
            if total
        ]


async def _sum(connection: Connection, model: str) -> int:
    accounts = await position_accounts(connection, model)
    between = in_flight_accounts((it.owner for it in accounts), model)
    found = await balances(connection, [it.id for it in (*accounts, *between)])
    return sum(balance.net_credit for balance in found.values())


class DueAndOwedEqualTheNets:
    """What participants have to pay and are to be paid is what netted windows settle for them."""

    name = "due-and-owed-equal-the-nets"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """All at once."""
        del connection, books
        return [()]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The participants for whom the ledger says something else than the windows."""
        del span
        coded, nets = await codes(connection), await netted_amounts(connection)
        accounts = {account.id: account for who in coded for account in (due_account(who), owed_account(who))}
        found = await balances(connection, list(accounts))
        return [
            Finding(
                self.name, "ledger_account", f"{account.purpose} {coded[account.owner]}", "net", str(net), str(held)
            )
            for key, account in accounts.items()
            if (held := found[key].net_credit) != (net := nets.get((account.owner, account.purpose), 0))
        ]


class WindowsReplay:
    """Every netted window's figures can be counted again from the transfers, and two persons approved these."""

    name = "windows-replay"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """One for each window."""
        del books
        return [(window_id,) for window_id in await netted_windows(connection)]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The window's digest, where it is another one."""
        window = await find(connection, span[0])
        assert window is not None, "it was there when the audit was divided"
        kept = (await kept_figures(connection, window)).digest
        try:
            counted = (await replayed(connection, window)).digest
        except BooksBroken as broken:
            return [Finding(self.name, "settlement_window", str(window.number), "figures", kept, str(broken))]
        approved = await _approved_digest(connection, window.id) if window.status.has_reached(Status.APPROVED) else kept
        return [
            Finding(self.name, "settlement_window", str(window.number), column, expected, kept)
            for column, expected in (("figures", counted), ("approval", approved))
            if expected != kept
        ]


async def _approved_digest(connection: Connection, window_id: UUID) -> str | None:
    found = [it.digest for it in await approvals(connection, window_id) if it.decision is Decision.APPROVED]
    return found[-1] if found else None


class BankEqualsItsStatement:
    """The bank account in the books is what the bank's last statement says."""

    name = "bank-equals-its-statement"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """All at once."""
        del connection, books
        return [()]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The balance, where it is another one."""
        del span
        expected = FEN_MICRO * (await connection.fetchval(_LAST_CLOSING) or 0)
        account = bank_account().id
        held = (await balances(connection, [account]))[account].net_debit
        return (
            [Finding(self.name, "ledger_account", "bank", "net", str(expected), str(held))] if held != expected else []
        )


_LAST_CLOSING = "SELECT closing_fen FROM settlement_bank_statement ORDER BY number DESC LIMIT 1"

AUDIT_CHECKS: Final[Sequence[AuditCheck]] = (
    PositionsSumToZero(),
    DueAndOwedEqualTheNets(),
    BankEqualsItsStatement(),
    WindowsReplay(),
    HISTORY,
    APPROVALS,
    AdviceAsWritten(),
    WRITE_OFFS,
    BREAK_DISPUTES,
    MATCHES,
    TOLERATED,
    BREAKS,
    *MONEY_CHECKS,
)
"""To be given to `ledger.audit`."""

STATEMENTS_CHECK: Final[AuditCheck] = AdviceAsWritten(rewrite=True)
"""Writes every statement again: takes as long as all of them took the first time."""
