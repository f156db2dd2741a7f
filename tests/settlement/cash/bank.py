"""A bank that writes account statements, and the network it serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from core.amounts import format_amount
from core.database import Database
from settlement import Window
from settlement.cash.account import BankAccount
from settlement.cash.bank_accounts import propose_bank_account
from settlement.cash.deciding import decide
from settlement.cash.proposals import Proposal, Verdict
from tests.network import Network, load_network
from tests.settlement.trade import CHECKER, MAKER, to_advised, trade

HOUSE = BankAccount("Clearing house", "622200000001", "102100099996")
ACCOUNTS = {
    "operator": HOUSE,
    "hotel": BankAccount("Hotel", "622200000002", "104100000004"),
    "airline": BankAccount("Airline", "622200000003", "104100000004"),
    "coffee": BankAccount("Coffee", "622200000004", "104100000004"),
}


@dataclass(frozen=True)
class Movement:
    """One entry of a bank statement."""

    fen: int
    text: str = ""
    end_to_end_id: str = "NOTPROVIDED"
    account: str = ""
    key: str = ""


def camt(name: str, opening_fen: int, *movements: Movement, account: str = HOUSE.number) -> bytes:
    """A bank statement, camt.053.001.08."""
    closing = opening_fen + sum(movement.fen for movement in movements)
    entries = "".join(_entry(movement, f"{name}-{place}") for place, movement in enumerate(movements))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>{name}</Id>
<Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{_balance("OPBD", opening_fen)}{_balance("CLBD", closing)}{entries}
</Stmt></BkToCstmrStmt></Document>""".encode()


def _balance(code: str, fen: int) -> str:
    return f"\n<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(fen)}</Bal>"


def _amount(fen: int) -> str:
    side = "CRDT" if fen >= 0 else "DBIT"
    return f'<Amt Ccy="CNY">{format_amount(abs(fen), 2)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _entry(movement: Movement, key: str) -> str:
    role = "Dbtr" if movement.fen > 0 else "Cdtr"
    parties = f"<RltdPties><{role}Acct><Id><Othr><Id>{movement.account}</Id></Othr></Id></{role}Acct></RltdPties>"
    references = f"<Refs><EndToEndId>{movement.end_to_end_id}</EndToEndId></Refs>"
    remittance = f"<RmtInf><Ustrd>{escape(movement.text)}</Ustrd></RmtInf>"
    return f"""
<Ntry>{_amount(movement.fen)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-02-03</Dt></BookgDt>
<AcctSvcrRef>{movement.key or key}</AcctSvcrRef><NtryDtls><TxDtls>
{references}{parties if movement.account else ""}{remittance}</TxDtls></NtryDtls></Ntry>"""


async def register(database: Database, codes: Sequence[str] = tuple(ACCOUNTS)) -> None:
    """Agree on these participants' bank accounts, with two persons."""
    for code in codes:
        proposed = await propose_bank_account(database, code, ACCOUNTS[code], MAKER, reason="from the contract")
        assert isinstance(proposed, Proposal), proposed
        decided = await decide(database, proposed.id, CHECKER, Verdict.APPROVED, reason="seen the contract")
        assert isinstance(decided, Proposal), decided


async def advised(database: Database, folder: Path) -> tuple[Network, Window]:
    """A window in which the hotel owes 150.00 and the airline is owed 148.50, advised, with all accounts agreed."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 50_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await register(database)
    return network, (await to_advised(database, folder)).window
