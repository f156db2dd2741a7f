"""Member exports of three brands, the way companies deliver them; the same every time.

    python -m examples.network.generate

writes the exports that lie beside this file. Each holds 5,000 members, some rows twice and some rows broken. Nobody
in them exists: names are put together from lists, phone numbers lie in an exchange that is not given out (0000),
addresses in the domains reserved for examples. One person, DEMO, is in all three files.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from examples.network.people import DEMO, MEMBERS, SEED, SHOP_PHONE, TEST_PHONE, Person, crowd, people

_FIRST_DAY = date(2012, 1, 1)
_SERIAL_ZERO = date(1899, 12, 30)
_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}

DEMO_ROWS = {
    "AURORA": {
        "number": "AV1000001",
        "name": "Lyu Ke",
        "phone": "+86 138-0000-1234",
        "email": "Lyu.Ke@example.com",
        "tier": "Gold",
        "balance": "48,600",
    },
    "MERIDIAN": {
        "number": "MS80000001",
        "name": "吕客",
        "phone": DEMO.phone.translate(_FULL_WIDTH),
        "email": "",
        "tier": "探索者",
        "balance": "12300",
        "expires": "2031/12/31",
    },
    "KOPI": {
        "number": "60000001",
        "name": "ke lyu",
        "phone": "0086 13800001234",
        "unionid": DEMO.unionid,
        "tier": "bloom",
        "balance": "860,50",
    },
}
"""What each file says of DEMO, by program."""

Row = Mapping[str, str]
"""A member's cells by what they say, already written as the file writes them."""


@dataclass(frozen=True)
class Form:
    """How a brand writes its file."""

    program: str
    file: str
    encoding: str
    delimiter: str
    headers: Mapping[str, str]
    """What a column says, and its header."""
    row: Callable[[int, Person, Random], Row]
    """The row of the member with that serial number, from 1."""
    flaws: Sequence[tuple[Mapping[str, str], str]]
    """What is changed in a row to break it, and the column that is to blame."""


@dataclass(frozen=True)
class Export:
    """A brand's file, and what is to be found in it."""

    file: str
    content: bytes
    broken: Mapping[int, str]
    """Of each broken line, the header of the column to blame; empty when it is the line as a whole."""
    duplicates: int


def _phone(digits: str, dice: Random) -> str:
    three, four, five = digits[:3], digits[3:7], digits[7:]
    ways = (
        digits,
        digits,
        f"+86{digits}",
        f"+86 {three} {four} {five}",
        f"{three}-{four}-{five}",
        f"86{digits}",
        f"0086-{digits}",
        f"(+86){three} {four}{five}",
        digits.translate(_FULL_WIDTH),
    )
    return dice.choice(ways)


def _phone_in_file(person: Person, dice: Random) -> str:
    if _one_in(250, dice):
        return TEST_PHONE
    return "" if _one_in(12, dice) else _phone(person.phone, dice)


def _one_in(number: int, dice: Random) -> bool:
    return dice.randrange(number) == 0


def _enrolled_on(dice: Random) -> date:
    return _FIRST_DAY + timedelta(days=dice.randrange(5_000))


def _serial_day(day: date) -> str:
    return str((day - _SERIAL_ZERO).days)


def _points(dice: Random, digits_max: int) -> int:
    """Small balances are more frequent than large ones, and some have nothing at all."""
    return 0 if _one_in(20, dice) else dice.randrange(10 ** dice.randint(2, digits_max))


def _aurora_row(serial: int, person: Person, dice: Random) -> Row:
    family, given = person.sounds
    day = _enrolled_on(dice)
    return {
        "number": dice.choice((f"AV{1_000_000 + serial}", f"AV-{1_000_000 + serial}", f"av {1_000_000 + serial}")),
        "name": dice.choice(
            (f"{family} {given}", f"{given} {family}", f"{family.upper()} {given}", f"{family}, {given}")
        ),
        "phone": _phone_in_file(person, dice),
        "email": "" if _one_in(3, dice) else person.email,
        "tier": dice.choice(("Classic", "CLASSIC", "Silver", "gold", "普卡", "Black")),
        "balance": f"{_points(dice, 5):,}",
        "enrolled": _serial_day(day) if _one_in(5, dice) else day.isoformat(),
    }


def _meridian_row(serial: int, person: Person, dice: Random) -> Row:
    day = _enrolled_on(dice)
    expires = "" if _one_in(10, dice) else f"{dice.randint(2031, 2035)}/12/31"
    return {
        "number": f"MS{80_000_000 + serial}",
        "name": dice.choice((person.name_zh, person.name_zh, f"{person.name_zh[0]} {person.name_zh[1:]}")),
        "phone": _phone_in_file(person, dice),
        "email": "" if _one_in(3, dice) else person.email,
        "tier": dice.choice(("行者", "行者", "探索者", "领航者", "traveller")),
        "balance": str(_points(dice, 5)),
        "enrolled": dice.choice((f"{day.year}/{day.month}/{day.day}", day.isoformat(), f"{day:%Y%m%d}")),
        "expires": "2024/12/31" if _one_in(400, dice) else expires,
    }


def _kopi_row(serial: int, person: Person, dice: Random) -> Row:
    phone = SHOP_PHONE if _one_in(250, dice) else _phone_in_file(person, dice)
    whole, cents = divmod(_points(dice, 6), 100)
    return {
        "number": str(60_000_000 + serial),
        "name": dice.choice((person.name_zh, " ".join(reversed(person.sounds)).lower())),
        "phone": phone,
        "unionid": "" if phone and _one_in(5, dice) else person.unionid,
        "tier": dice.choice(("sprout", "Sprout", "bloom", "roast", "花开")),
        "balance": f"{whole:,}".replace(",", ".") + f",{cents:02}",
        "enrolled": _serial_day(_enrolled_on(dice)) + dice.choice(("", "", ",0")),
    }


_UNDECODABLE = "\udcff\udcfe"
"""Bytes that no encoding has, in Python's spelling."""

FORMS = (
    Form(
        "AURORA",
        "aurora-members.csv",
        "utf-8-sig",
        ",",
        {
            "number": "MEMBER no",
            "name": "guest Name",
            "phone": "Mobile ",
            "email": "E-Mail",
            "tier": "TIER",
            "balance": "points Balance",
            "enrolled": "Date Of Enrolment",
        },
        _aurora_row,
        (
            ({"number": ""}, "number"),
            ({"number": "客户"}, "number"),
            ({"phone": "1380000123"}, "phone"),
            ({"phone": "1.38E+10"}, "phone"),
            ({"email": "guest(at)example.com"}, "email"),
            ({"tier": "Emerald"}, "tier"),
            ({"balance": "-250"}, "balance"),
            ({"balance": "12,45"}, "balance"),
            ({"balance": "n/a"}, "balance"),
            ({"enrolled": "2019-02-30"}, "enrolled"),
            ({"enrolled": "2091-03-07"}, "enrolled"),
            ({"name": _UNDECODABLE}, "name"),
        ),
    ),
    Form(
        "MERIDIAN",
        "meridian-members.txt",
        "gb18030",
        "\t",
        {
            "number": "会员卡号",
            "name": "姓名",
            "phone": "手机号码",
            "email": "电子邮箱",
            "tier": "会员级别",
            "balance": "里程余额",
            "enrolled": "入会日期",
            "expires": "里程有效期",
        },
        _meridian_row,
        (
            ({"number": "  "}, "number"),
            ({"phone": "无"}, "phone"),
            ({"phone": "13800001234/13800001235"}, "phone"),
            ({"tier": "钻石"}, "tier"),
            ({"balance": "-1"}, "balance"),
            ({"balance": "1.5"}, "balance"),
            ({"balance": "99999999999999999999"}, "balance"),
            ({"enrolled": "去年三月"}, "enrolled"),
            ({"expires": "2031/13/31"}, "expires"),
            ({"name": _UNDECODABLE}, "name"),
        ),
    ),
    Form(
        "KOPI",
        "kopi-members.csv",
        "utf-8",
        ";",
        {
            "number": "Member",
            "name": "Name",
            "phone": "Phone",
            "unionid": "WeChat UnionID",
            "tier": "Level",
            "balance": "Beans",
            "enrolled": "Joined",
        },
        _kopi_row,
        (
            ({"number": ""}, "number"),
            ({"phone": "555-COFFEE"}, "phone"),
            ({"unionid": "#N/A !"}, "unionid"),
            ({"tier": ""}, "tier"),
            ({"balance": "12.5"}, "balance"),
            ({"balance": "-3,00"}, "balance"),
            ({"balance": "1,005"}, "balance"),
            ({"enrolled": "0"}, "enrolled"),
            ({"enrolled": "99999"}, "enrolled"),
            ({"name": _UNDECODABLE}, "name"),
        ),
    ),
)


def export(form: Form, members: Sequence[Person]) -> Export:
    """A brand's file, with its duplicates and broken rows."""
    dice = Random(f"{SEED} {form.program}")
    rows = [form.row(serial, person, dice) for serial, person in enumerate(members, 1)]
    rows[0] = {**rows[0], **DEMO_ROWS[form.program]}
    good = (_Entry(place, _line(form, row)) for place, row in enumerate(rows))
    entries = sorted((*good, *_bad_entries(form, rows, dice)), key=lambda entry: entry.place)
    text = _line(form, form.headers) + "".join(entry.line for entry in entries)
    broken = {number: entry.fault for number, entry in enumerate(entries, 2) if entry.fault is not None}
    duplicates = sum(entry.duplicate for entry in entries)
    return Export(form.file, text.encode(form.encoding, "surrogateescape"), broken, duplicates)


@dataclass(frozen=True)
class _Entry:
    """One line and where it goes."""

    place: float
    line: str
    fault: str | None = None
    duplicate: bool = False


def _bad_entries(form: Form, rows: Sequence[Row], dice: Random) -> Iterator[_Entry]:
    """Rows that repeat an earlier one, contradict one, or are broken."""
    for place in dice.sample(range(1, MEMBERS - 500), 24):
        yield _Entry(place + dice.randrange(1, 400) + 0.5, _line(form, rows[place]), duplicate=True)
    for place in dice.sample(range(1, MEMBERS - 500), 6):
        contradiction = {**rows[place], "balance": "777"}
        yield _Entry(place + dice.randrange(1, 400) + 0.25, _line(form, contradiction), "")
    for serial, (change, column) in enumerate(form.flaws, MEMBERS + 1):
        row = {**form.row(serial, dice.choice(_STRANGERS), dice), **change}
        yield _Entry(dice.randrange(1, MEMBERS) + 0.75, _line(form, row), form.headers[column].strip())
    few = dict.fromkeys(form.headers, "")
    yield _Entry(dice.randrange(1, MEMBERS) + 0.8, form.delimiter.join([*few][:3]) + "\r\n", "")
    yield _Entry(dice.randrange(1, MEMBERS) + 0.9, _line(form, rows[8]).replace(form.delimiter, form.delimiter * 2), "")


_STRANGERS = list(crowd(Random(SEED + 1), 50))


def _line(form: Form, row: Row) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n").writerow(row[name] for name in form.headers)
    return text.getvalue()


def exports() -> list[Export]:
    """All three files."""
    members = people()
    return [export(form, members[form.program]) for form in FORMS]


def main() -> None:
    """Write the files beside this one."""
    for each in exports():
        (Path(__file__).parent / each.file).write_bytes(each.content)
        print(f"{each.file}: {len(each.content):,} bytes, {len(each.broken)} broken rows, {each.duplicates} duplicates")


if __name__ == "__main__":
    main()
