"""`agio awards import`: a file of awards and burns."""

from pathlib import Path

import pytest

from tests.gateway.shell import Shell
from tests.members.test_importing import ANN, BO, HEADERS, MEMBER_FILE
from tests.network import AIRLINE

FORM = """
encoding = "gb18030"
delimiter = ";"
decimal_mark = ","
grouping_mark = "."
awards = ["获得"]
burns = ["消费"]

[columns]
key = "流水号"
number = "会员号"
amount = "积分"
kind = "类型"
reason = "说明"
"""


@pytest.fixture
def numbers(agio: Shell, tmp_path: Path) -> list[str]:
    """The airline has two members with 1,200 points together."""
    network, members = tmp_path / "airline.toml", tmp_path / "members.csv"
    network.write_text(AIRLINE + MEMBER_FILE)
    members.write_text(f"{HEADERS}\n{ANN}\n{BO}")
    assert agio("brand", "apply", network).code == 0
    assert agio("members", "import", "airline", members).code == 0
    return [row.split(",")[0] for row in (ANN, BO)]


def test_a_file_is_recorded_once(agio: Shell, numbers: list[str], tmp_path: Path) -> None:
    """Rows are named by their key; the same file again is the same batch."""
    file = tmp_path / "january.csv"
    file.write_text(f"key,number,amount,reason\n1,{numbers[0]},100,Flight\n2,{numbers[1]},250,Flight\n")
    first = agio("awards", "import", "MILES", file)
    assert (first.code, "2 rows, 2 recorded, 0 refused" in first.out) == (0, True)
    again = agio("awards", "import", "MILES", file, "--json").json
    assert (again["row_count"], again["moved"], again["refused"], again["refused_rows"]) == (2, 2, 0, [])
    assert agio("audit").code == 0


def test_rows_that_do_not_say_what_they_are(agio: Shell, numbers: list[str], tmp_path: Path) -> None:
    """They are what `--direction` says; a word that is neither is refused with those that would do."""
    file = tmp_path / "mixed.csv"
    rows = [f"1,{numbers[0]},100,", f"2,{numbers[0]},40,burn", f"3,{numbers[0]},7,gift"]
    file.write_text("\n".join(["key,number,amount,kind", *rows]))
    ran = agio("awards", "import", "MILES", file, "--json")
    assert (ran.code, ran.json["moved"]) == (1, 2)
    (refused,) = ran.json["refused_rows"]
    assert (refused["number"], refused["refusal"]) == (3, "RowUnreadable")
    assert "is none of award" in refused["message"]


def test_rows_that_are_refused(agio: Shell, numbers: list[str], tmp_path: Path) -> None:
    """Each with its reason; the others are recorded, and the command ends with 1."""
    file = tmp_path / "january.csv"
    rows = [f"1,{numbers[0]},100", "2,NOBODY,100", f"3,{numbers[0]},ten", "4", f"1,{numbers[0]},100"]
    file.write_text("\n".join(["key,number,amount", *rows]))
    ran = agio("awards", "import", "MILES", file, "--json")
    assert ran.code == 1
    found = ran.json
    assert (found["moved"], found["refused"]) == (2, 3)
    assert [(row["number"], row["refusal"]) for row in found["refused_rows"]] == [
        (2, "UnknownMemberNumber"),
        (3, "RowUnreadable"),
        (4, "RowUnreadable"),
    ]
    assert found["refused_rows"][1]["message"] == "Line 4: amount is not a whole amount."


def test_a_file_in_another_form(agio: Shell, numbers: list[str], tmp_path: Path) -> None:
    """Described in the words of member files: headers, encoding, marks, and what earning and spending are called."""
    file, form = tmp_path / "january.txt", tmp_path / "form.toml"
    form.write_text(FORM)
    rows = ["流水号;会员号;积分;类型;说明", f"1;{numbers[0]};1.000;获得;航班", f"2;{numbers[0]};300;消费;"]
    file.write_text("\n".join(rows), encoding="gb18030")
    ran = agio("awards", "import", "MILES", file, "--form", form, "--batch", "january", "--json")
    assert (ran.code, ran.json["key"], ran.json["moved"]) == (0, "january", 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        ("key,number\n1,2\n", "amount"),
    ],
)
def test_what_is_no_such_file(agio: Shell, numbers: list[str], tmp_path: Path, content: str, said: str) -> None:
    """Nothing is recorded, and one sentence says why."""
    assert numbers
    file = tmp_path / "january.csv"
    file.write_text(content)
    ran = agio("awards", "import", "MILES", file)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


def test_a_description_that_makes_no_sense(agio: Shell, numbers: list[str], tmp_path: Path) -> None:
    assert numbers
    form = tmp_path / "form.toml"
    form.write_text('delimiter = ";;"')
    ran = agio("awards", "import", "MILES", tmp_path / "none.csv", "--form", form)
    assert (ran.code, ran.out) == (1, "")
    assert "description of the file" in ran.err
