"""`agio simulate-brand` for nightly files: what it needs, and that it answers what lies there."""

import os
import subprocess
import sys
from pathlib import Path

from tests.brands.samples import EXAMPLES
from tests.gateway.shell import Shell

FILE = """\
流水号,会员号,操作,积分,原流水号,时间
r-1,10000001,扣减,12.34,,2026-01-15T04:00:00.000Z
合计,JADE,1,12.34,JADE-20260115-1.csv,20260115
"""


def test_a_night_is_answered(tmp_path: Path) -> None:
    taken = tmp_path / "to-brand"
    taken.mkdir()
    (taken / "JADE-20260115-1.csv").write_text(FILE, "gb18030", newline="\r\n")
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "simulate-brand", "--port", "0"]
    program = ["--program", "JADE", "--decimals", "2", "--network", str(EXAMPLES / "jade.toml")]
    with subprocess.Popen(
        [*command, *program, "--folder", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as brand:
        assert brand.stdout
        assert [brand.stdout.readline() for _ in range(2)][1] == "Answered: JADE-20260115-1-answers.csv\n"
        brand.kill()
    assert (tmp_path / "from-brand" / "JADE-20260115-1-answers.csv").read_text("gb18030").splitlines() == [
        "流水号,积分,结果,原因,凭证号,余额",
        "r-1,12.34,成功,,JADE00000022,99987.66",
        "合计,12.34,1,20260115,翠玉超市,",
    ]


def test_it_needs_a_program_of_files_and_a_folder(agio: Shell, tmp_path: Path) -> None:
    alone = agio("simulate-brand", "--folder", tmp_path)
    other = agio("simulate-brand", "--folder", tmp_path, "--network", EXAMPLES / "kopi.toml", "--program", "KOPI")
    broken = tmp_path / "broken.toml"
    broken.write_text("[brands.x]\n")
    unread = agio("simulate-brand", "--folder", tmp_path, "--network", broken)
    assert (alone.code, other.code, unread.code) == (2, 2, 1)
    assert "--network and --folder go together" in alone.err
    assert "no program KOPI of kind file" in other.err.replace("\n│", "").replace("│", "").replace("  ", " ")
    assert "brands.x" in unread.err
