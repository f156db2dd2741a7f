"""Plain texts are read by the block: with the same result as row by row, whatever stands in them."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from brands import Program, StatementFile
from core.database import Database
from core.table import Unimportable
from settlement.reconciliation.forms import plain_text, text
from settlement.reconciliation.reading import open_statement
from tests.settlement.reconciliation.statements import HEADERS, form_of, network_of

KEYS = ("A-1", "b_2", "C3", "Ａ-4", "=x", "", "合计7", "合计")
REFERENCES = ("", "0199a9a0-1111-7222-8333-000000000001", "0199A9A0-1111-7222-8333-000000000002", "order 7", "x\\y")
MEMBERS = ("", "M1000001", "m 100-0002", "Ｍ1", "@x")
AMOUNTS = ("1", "-25", "007", "0", "１２", "1.5", "9999999999999", "99999999999999", "", "+5", " 7")
DAYS = ("2026-01-15", "2026-01-14", "2026/01/15", "2026-1-15", "15.01.2026", "")
STATES = ("成功", "失败", " 成功", "?", "")
ASSETS = ("", "MILES", "HOTEL", "miles")


@pytest.fixture
async def form(pinned_database: Database) -> tuple[Program, StatementFile]:
    """As the airline writes its file."""
    return form_of(await network_of(pinned_database))


def content(random: Random, lines: int) -> str:
    """A file in which most lines are as they should be."""

    def cell(values: tuple[str, ...]) -> str:
        return values[0] if random.random() < 0.97 else random.choice(values)

    rows = [
        ",".join(
            (
                cell((f"A-{n}", *KEYS)), cell(REFERENCES[::-1][3:] + REFERENCES), cell(MEMBERS[::-1][3:] + MEMBERS),
                cell((str(1 + n % 50), *AMOUNTS)), cell(DAYS), cell(STATES), cell(ASSETS),
            )
        )
        for n in range(lines)
    ]  # fmt: skip
    for trouble, chance in (
        ("", 0.1),
        (",,,,,,", 0.1),
        ("x,y", 0.3),
        ('"A,9",,,5,2026-01-15,成功,', 0.2),
        ('"A-8","","",5,"2026-01-15",成功,""', 0.4),
        ('"A-7" ,"x"y,,5,2026-01-15,成功,', 0.1),
        ("a,b,c,1,d,e,f,g", 0.3),
    ):
        if random.random() < chance:
            rows.insert(random.randrange(len(rows) + 1), trouble)
    total = sum(1 + n % 50 for n in range(lines))
    ending = random.choice(["\r\n", "\n"])
    control = f"合计,航空,{random.choice([lines, len(rows)])},{total},2026-01-15,2026-01-15,"
    return ending.join([HEADERS, *rows, control]) + random.choice([ending, "", ending + "  "])


def read(path: Path, program: Program, form: StatementFile) -> object:
    """All that comes of the file, or why nothing does."""
    try:
        with open_statement(path, program, form, correcting=False) as statement:
            texts = "".join(rows for _, rows in statement.texts())
            return texts, statement.quarantined, statement.control, statement.digest
    except Unimportable as unimportable:
        return unimportable.refusal


SEEDS = 80


async def test_the_same_as_row_by_row(
    form: tuple[Program, StatementFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines, rows that are set aside, totals and refusals; blocks end anywhere."""
    for seed in range(SEEDS):
        random = Random(seed)  # noqa: S311 - it chooses test cases
        program, written = form[0], replace(form[1], seen_by_brand=random.random() < 0.3)
        path = tmp_path / f"{seed}.csv"
        path.write_bytes(content(random, random.choice([1, 3, 40, 200])).encode("gb18030"))
        monkeypatch.setattr(plain_text, "_BLOCK_BYTES", random.choice([7, 100, 1 << 18]))
        found = read(path, program, written)
        with monkeypatch.context() as slowly:
            slowly.setattr(text, "look", lambda *_: None)
            assert found == read(path, program, written), seed
