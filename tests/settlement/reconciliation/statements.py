"""Statement files as the airline writes them, and the network whose airline does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from brands import Program, StatementFile
from core.database import Database
from core.table_errors import ImportRefused
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.reconciling import Reconciled, reconcile_file
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.settlement.trade import MAKER

STATEMENT_FILE = """
[programs.MILES.statement_file]
encoding = "gb18030"
booked = ["成功"]
failed = ["失败"]

[programs.MILES.statement_file.columns]
brand_reference = "流水号"
reference = "对方订单"
member = "卡号"
amount = "里程"
day = "日期"
status = "状态"
asset = "币种"

[programs.MILES.statement_file.control]
mark = "合计"
count = "卡号"
total = "里程"
first_day = "日期"
last_day = "状态"
issuer = "对方订单"
issuer_name = "航空"
"""

HEADERS = "流水号,对方订单,卡号,里程,日期,状态,币种"
DAY = "2026-01-15"

SHORT = 1_900
"""What the airline states of 1,980 miles, in the tests of what may be done about a break."""


@dataclass(frozen=True)
class Stated:
    """One row."""

    key: str
    amount: str
    reference: str = ""
    member: str = ""
    day: str = DAY
    status: str = "成功"
    asset: str = ""

    @property
    def text(self) -> str:
        """As it stands in the file."""
        return f"{self.key},{self.reference},{self.member},{self.amount},{self.day},{self.status},{self.asset}"


def written(
    rows: Sequence[Stated | str],
    *,
    total: int | str | None = None,
    count: int | None = None,
    period: tuple[str, str] = (DAY, DAY),
    issuer: str = "航空",
) -> str:
    """The file's text; the control row says what the rows come to, unless told otherwise."""
    lines = [row if isinstance(row, str) else row.text for row in rows]
    whole = sum(int(row.amount) for row in rows if isinstance(row, Stated)) if total is None else total
    control = f"合计,{issuer},{len(rows) if count is None else count},{whole},{period[0]},{period[1]},"
    return "\r\n".join([HEADERS, *lines, control, ""])


async def network_of(database: Database) -> Network:
    """The network in which the airline delivers statements of MILES."""
    return await load_network(database, (HOTEL, AIRLINE + STATEMENT_FILE, COFFEE))


def form_of(network: Network) -> tuple[Program, StatementFile]:
    """The program and how its file is written."""
    program = network.program("MILES")
    assert program.statement_file is not None
    return program, program.statement_file


async def send(
    network: Network,
    folder: Path,
    text: str,
    *,
    correcting: bool = False,
    dry_run: bool = False,
    encoding: str = "gb18030",
) -> Reconciled | ImportRefused:
    """Reconcile a file with this text."""
    path = folder / "january.csv"
    path.write_bytes(text.encode(encoding))
    return await reconcile_file(network.database, "airline", path, MAKER, correcting=correcting, dry_run=dry_run)


async def taken(
    network: Network, folder: Path, text: str, *, correcting: bool = False, dry_run: bool = False
) -> Reconciled:
    """The same, where it is not refused."""
    found = await send(network, folder, text, correcting=correcting, dry_run=dry_run)
    assert isinstance(found, Reconciled), found
    return found


def told(breaks: Sequence[Break]) -> list[tuple[str, int]]:
    """Kind and what is at stake, in fen."""
    return [(it.kind.value, it.at_stake // 10_000) for it in breaks]
