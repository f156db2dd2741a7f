"""A brand that is told and answers by files: every instruction in exactly one file, every answer read once."""

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import brands
from adapters.brand_systems.registry import open_brand_systems
from adapters.drop.folders import Folders
from adapters.drop.jobs import exchange_files
from brands import Program, load_network_file
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from exchange.brand_system import (
    Answer,
    BrandBalance,
    BrandSystem,
    BrandTransaction,
    Done,
    Failed,
    Failure,
    FollowUp,
    Instruction,
    Leg,
    MemberReference,
    NotFound,
    Operation,
    Pending,
    Reference,
)
from gateway import drop_audit
from ledger import audit
from tests.brands.samples import EXAMPLES

ANSWER_HEADERS = "流水号,积分,结果,原因,凭证号,余额"
NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Jade:
    """The example brand with its folders; it is noon of 15 January in Shanghai, ten hours before the cut-off."""

    database: Database
    clock: SettableClock
    home: Path
    system: BrandSystem
    program: Program
    folders: Folders

    async def work(self) -> int:
        """What the worker does in a minute."""
        return await exchange_files(self.database, self.home, {})

    def order(self, operation: Operation, amount: int, number: str = "600001") -> Instruction:
        """A new instruction."""
        member = MemberReference(number, "林")
        return Instruction(Reference(new_id(), Leg.SOURCE, operation), member, amount, self.clock.now())

    async def asked(self, order: Instruction | FollowUp) -> object:
        """What became of it."""
        return await self.system.inquire(order.reference, None, self.clock.now())

    def sent(self) -> dict[str, list[list[str]]]:
        """What lies in the folder for the brand: names and cells."""
        return {
            path.name: [line.split(",") for line in path.read_text("gb18030").splitlines()]
            for path in sorted(self.folders.outgoing.iterdir())
            if not path.name.startswith(".")
        }

    def answer(self, rows: Sequence[str], name: str = "a.csv", control: str | None = None) -> Path:
        """The brand puts a file into the other folder."""
        total = sum(int(float(row.split(",")[1]) * 100 + 0.5) for row in rows) / 100
        last = f"合计,{total:.2f},{len(rows)},20260115,翠玉超市," if control is None else control
        path = self.folders.incoming / name
        path.write_bytes("\r\n".join([ANSWER_HEADERS, *rows, last, ""]).encode("gb18030"))
        os.utime(path, (self.clock.now().timestamp(),) * 2)
        return path

    def refused(self) -> dict[str, str]:
        """What lies among the refused files, with the reasons."""
        return {
            path.name.removesuffix(".reason.txt"): path.read_text("utf-8").strip()
            for path in sorted(self.folders.refused.iterdir())
            if path.name.endswith(".reason.txt")
        }


@pytest.fixture
async def jade(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> AsyncIterator[Jade]:
    config = load_network_file(EXAMPLES / "jade.toml")
    assert isinstance(config, brands.BrandConfig)
    assert isinstance(await brands.apply(pinned_database, config), brands.Applied)
    async with pinned_database.connection() as connection:
        program = (await brands.directory(connection)).program("JADE")
    assert program is not None
    folders = Folders(tmp_path / "drop" / "jade")
    folders.make()
    async with open_brand_systems(pinned_database, tmp_path, {}) as systems:
        yield Jade(pinned_database, clock, tmp_path, systems.of(program), program, folders)


async def sent_orders(jade: Jade, *orders: Instruction) -> None:
    """They are in last night's file."""
    for order in orders:
        send = jade.system.debit if order.reference.operation is Operation.DEBIT else jade.system.credit
        assert isinstance(await send(order), Pending)
    jade.clock.advance(NIGHT)
    assert await jade.work() == 1


async def test_a_day(jade: Jade) -> None:
    """Ordered by day, sent by night in one GB18030 file with totals, answered the next morning."""
    debit, credit = jade.order(Operation.DEBIT, 12050), jade.order(Operation.CREDIT, 99)
    assert await jade.system.debit(debit) == Pending(None, 18 * 3600.0)
    assert isinstance(await jade.system.credit(credit), Pending)
    assert await jade.work() == 0
    jade.clock.advance(NIGHT)
    assert await jade.work() == 1
    assert jade.sent() == {
        "JADE-20260115-1.csv": [
            ["流水号", "会员号", "操作", "积分", "原流水号", "时间"],
            [debit.reference.text, "600001", "扣减", "120.50", "", "2026-01-15T04:00:00.000Z"],
            [credit.reference.text, "600001", "增加", "0.99", "", "2026-01-15T04:00:00.000Z"],
            ["合计", "JADE", "2", "121.49", "JADE-20260115-1.csv", "20260115"],
        ]
    }
    jade.answer([f"{debit.reference.text},120.50,成功,,V1,30.00", f"{credit.reference.text},0.99,失败,E02,,"])
    assert await jade.work() == 1
    assert await jade.asked(debit) == Done("V1", jade.clock.now(), 3000)
    assert await jade.asked(credit) == Failed(Failure.MEMBER_NOT_FOUND, "", "E02")
    assert await jade.system.balance(debit.member) == BrandBalance(3000, jade.clock.now())
    begin = jade.clock.now() - timedelta(days=1)
    assert [one async for one in jade.system.transactions(begin, jade.clock.now())] == [
        BrandTransaction("V1", debit.reference.text, "600001", -12050, jade.clock.now())
    ]
    statement = await jade.system.fetch_statement(date(2026, 1, 15))
    assert isinstance(statement, bytes)
    assert [path.name for path in jade.folders.taken.iterdir()] == ["a.csv"]
    assert await jade.work() == 0


async def test_twice_is_once(jade: Jade) -> None:
    """The same reference goes into the file once; with other content it is refused; unknown ones are not found."""
    debit = jade.order(Operation.DEBIT, 100)
    for _ in range(3):
        assert isinstance(await jade.system.debit(debit), Pending)
    changed = Instruction(debit.reference, debit.member, 101, debit.occurred_at)
    assert await jade.system.debit(changed) == Failed(
        Failure.DUPLICATE_CHANGED, "the reference was used for another instruction"
    )
    other = jade.order(Operation.DEBIT, 1)
    assert await jade.asked(other) == NotFound(final=False)
    assert await jade.system.inquire(other.reference, None, jade.clock.now() - timedelta(minutes=1)) == NotFound(
        final=True
    )
    jade.clock.advance(NIGHT)
    assert await jade.work() == 1
    assert await jade.work() == 0
    assert isinstance(await jade.system.debit(debit), Pending)
    jade.clock.advance(timedelta(days=1))
    assert await jade.work() == 0
    assert [len(rows) for rows in jade.sent().values()] == [3]


async def test_after_the_cut_off_is_tomorrow(jade: Jade) -> None:
    """What comes at the very instant of the cut-off, or later, goes into the next day's file."""
    jade.clock.set(datetime(2026, 1, 15, 13, 59, 59, tzinfo=UTC))
    early = jade.order(Operation.DEBIT, 100)
    assert isinstance(await jade.system.debit(early), Pending)
    jade.clock.advance(timedelta(seconds=1))
    late = jade.order(Operation.DEBIT, 200)
    assert isinstance(await jade.system.debit(late), Pending)
    assert await jade.work() == 1
    jade.clock.advance(timedelta(days=1))
    assert await jade.work() == 1
    written = jade.sent()
    assert list(written) == ["JADE-20260115-1.csv", "JADE-20260116-2.csv"]
    assert [rows[1][0] for rows in written.values()] == [early.reference.text, late.reference.text]


@pytest.mark.parametrize("taken_away", [False, True], ids=["left", "taken"])
@pytest.mark.parametrize("state", ["prepared", "staged-before-rename", "staged-after-rename"])
async def test_killed_between_steps(jade: Jade, superuser: Connection, state: str, *, taken_away: bool) -> None:
    """Wherever the worker is killed, the brand gets the file once, even when it takes it away at once."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    name = "JADE-20260115-1.csv"
    path, hidden = jade.folders.outgoing / name, jade.folders.outgoing / f".{name}.part"
    content, gone = path.read_bytes(), state == "staged-after-rename"
    # What the disk and the tables hold at that moment.
    await superuser.execute("UPDATE adapters_drop_file SET state = $1", state.partition("-")[0])
    if not gone:
        path.unlink()
        hidden.write_bytes(content if state != "prepared" else content[:20])
    elif taken_away:
        path.unlink()
    assert await jade.work() == 1
    assert not hidden.exists()
    if gone and taken_away:
        assert jade.sent() == {}
    else:
        assert path.read_bytes() == content
    if taken_away and not gone:
        path.unlink()
    assert await jade.work() == 0
    assert await superuser.fetchval("SELECT count(*) FROM adapters_drop_file") == 1


async def test_an_instruction_never_changes_its_file(jade: Jade, superuser: Connection) -> None:
    """Nor does an answer change: the tables refuse it."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    with pytest.raises(Exception, match="is in another file already"):
        await superuser.execute("UPDATE adapters_drop_instruction SET file_id = NULL")
    jade.answer([f"{debit.reference.text},1.00,成功,,V1,"])
    assert await jade.work() == 1
    with pytest.raises(Exception, match="is answered already"):
        await superuser.execute("UPDATE adapters_drop_instruction SET brand_reference = 'V2'")


REFUSED = [
    ("合计,1.00,2,20260115,翠玉超市,", "line 3: The control row says 2 rows; there are 1."),
    ("合计,1.01,1,20260115,翠玉超市,", "line 3: The control row says 1.01; the amounts come to 1.00."),
    ("合计,x,1,20260115,翠玉超市,", "line 3: The total cannot be checked: 'x' is not a decimal number."),
    ("合计,1.00,1,20260115,别家,", "line 3: It is a file of 别家, not of 翠玉超市."),
    ("合计,1.00,1,20260114,翠玉超市,", "It answers 2026-01-14, of which nothing was sent."),
    ("合计,1.00,1,2026-01-15,翠玉超市,", "line 3: '2026-01-15' is not a day."),
]


@pytest.mark.parametrize(("control", "reason"), REFUSED)
async def test_files_that_are_refused(jade: Jade, control: str, reason: str) -> None:
    """Nothing of such a file is used; it lies beside the reason."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    jade.answer([f"{debit.reference.text},1.00,成功,,V1,"], control=control)
    assert await jade.work() == 1
    assert jade.refused() == {"a.csv": reason}
    assert isinstance(await jade.asked(debit), Pending)
    jade.answer([f"{debit.reference.text},1.00,成功,,V1,"])
    assert await jade.work() == 1
    assert isinstance(await jade.asked(debit), Done)


async def test_a_file_that_is_cut_off(jade: Jade) -> None:
    """It may still grow for a while; then it is refused."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    jade.answer([f"{debit.reference.text},1.00,成功,,V1,"], control="")
    assert await jade.work() == 0
    jade.clock.advance(timedelta(minutes=10))
    assert await jade.work() == 1
    assert jade.refused() == {"a.csv": "The control row is missing at the end: the file is cut off."}


async def test_the_same_file_again(jade: Jade) -> None:
    """Under another name it is refused; so is another file about a day that is answered."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    rows = [f"{debit.reference.text},1.00,成功,,V1,"]
    jade.answer(rows)
    assert await jade.work() == 1
    jade.answer(rows)  # moved, but killed before it lay among the taken ones
    jade.answer(rows, "b.csv")
    jade.answer([f"{debit.reference.text},1.00,失败,E01,,"], "c.csv")
    assert await jade.work() == 3
    assert jade.refused() == {
        "b.csv": "It is the same as a.csv.",
        "c.csv": "It answers 2026-01-15, of which everything is answered.",
    }
    assert isinstance(await jade.asked(debit), Done)


async def test_files_in_another_encoding_or_of_another_kind(jade: Jade) -> None:
    """UTF-8 in place of GB18030, other columns, a folder, a hidden file, another ending."""
    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    folder = jade.folders.incoming
    (folder / "u.csv").write_bytes(f"{ANSWER_HEADERS}\r\n合计,0,0,20260115,翠玉超市,\r\n".encode())
    (folder / "v.csv").write_bytes(b"a,b\r\n1,2\r\n")
    (folder / ".hidden.csv").write_bytes(b"")
    (folder / "readme.txt").write_bytes(b"")
    assert await jade.work() == 2
    reasons = jade.refused()
    assert list(reasons) == ["u.csv", "v.csv"]
    assert reasons["v.csv"] == "line 1: The columns 流水号, 积分, 结果, 原因, 凭证号, 余额 are missing."


async def test_rows_that_do_not_fit(jade: Jade, superuser: Connection) -> None:
    """The others count; each of these is told with its line."""
    first, second = jade.order(Operation.DEBIT, 100), jade.order(Operation.DEBIT, 200)
    await sent_orders(jade, first, second)
    jade.answer(
        [
            f"{first.reference.text},1.00,成功,,V1,",
            f"{first.reference.text},1.00,成功,,V1,",
            f"{second.reference.text},2.01,成功,,V2,",
            "another-source-debit,5.00,成功,,V3,",
            f"{second.reference.text},2.00,也许,,V4,",
        ]
    )
    assert await jade.work() == 1
    problems = await superuser.fetchval("SELECT problems FROM adapters_drop_file WHERE NOT outgoing")
    assert [problem.strip(' "}]') for problem in problems.split('"reason": "')[1:]] != []
    assert problems.count('"line"') == 4
    assert "The reference stands twice." in problems
    assert "The amount is not the one that was sent." in problems
    assert "another-source-debit was never sent." in problems
    assert isinstance(await jade.asked(first), Done)
    assert isinstance(await jade.asked(second), Pending)


async def test_decided_later_and_undone(jade: Jade) -> None:
    """Pending in one file, done in the next; a reversal names what it undoes."""
    debit = jade.order(Operation.DEBIT, 500)
    await sent_orders(jade, debit)
    jade.answer([f"{debit.reference.text},5.00,处理中,,,"], "a.csv")
    assert await jade.work() == 1
    assert isinstance(await jade.asked(debit), Pending)
    jade.answer([f"{debit.reference.text},5.00,成功,,V1,"], "b.csv")
    assert await jade.work() == 1
    assert isinstance(await jade.asked(debit), Done)
    reference = Reference(new_id(), Leg.SOURCE, Operation.REVERSAL)
    undo = FollowUp(reference, debit.reference, "V1", debit.member, 200, jade.clock.now())
    answer: Answer = await jade.system.reverse(undo)
    assert isinstance(answer, Pending)
    jade.clock.advance(timedelta(days=1))
    assert await jade.work() == 1
    row = jade.sent()["JADE-20260116-2.csv"][1]
    assert row[:5] == [reference.text, "600001", "冲正", "2.00", debit.reference.text]


async def test_the_audit_sees_changed_files(jade: Jade, superuser: Connection) -> None:
    """Clean at first; then a changed content, a row that is not counted and an answer from nowhere are each named."""

    async def found() -> set[str]:
        report = await audit(jade.database, checks=drop_audit.CHECKS)
        return {finding.check for finding in report.findings}

    debit = jade.order(Operation.DEBIT, 100)
    await sent_orders(jade, debit)
    jade.answer([f"{debit.reference.text},1.00,成功,,V1,"])
    assert await jade.work() == 1
    assert await found() == set()
    await superuser.execute("UPDATE adapters_drop_file SET content = content || 'x'::bytea WHERE outgoing")
    assert await found() == {"drop-file-contents"}
    await superuser.execute("UPDATE adapters_drop_file SET row_count = 2 WHERE outgoing")
    await superuser.execute("UPDATE adapters_drop_file SET day = '2026-01-14' WHERE outgoing")
    assert await found() == {"drop-file-contents", "drop-file-rows", "drop-answers"}
