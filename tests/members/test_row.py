"""One row as a member, or why it is none."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from brands import DateForm, MemberColumns, MemberFile, Program
from brands.expiry import ExpiryRule
from brands.program import Adapter, AdapterKind, ExchangeLimits, Tier
from core.table import Row
from core.table_errors import ColumnsMissing
from members.identifiers import Identifier, IdentifierType
from members.row import BrokenRow, MemberRow, RowReader, masked, missing_columns

PROGRAM = Program(
    id=UUID(int=1),
    code="MILES",
    name="Miles",
    name_zh="里程",
    brand_id=UUID(int=2),
    participant_id=UUID(int=2),
    scale=0,
    time_zone="Asia/Shanghai",
    tiers=(Tier("base", "Base", "行者", 1), Tier("gold", "Gold", "金卡", 3)),
    expiry=ExpiryRule(36),
    limits=ExchangeLimits(1, 10, 1, 10),
    adapter=Adapter(kind=AdapterKind.PLATFORM),
    opening_unit_cost=50_000,
)
FORM = MemberFile(
    columns=MemberColumns(
        number="Card No",
        tier="Tier",
        balance="Miles",
        enrolled_on="Since",
        name="Name",
        phone="Mobile",
        email="E-mail",
        unionid="Union ID",
        expires_on="Until",
    ),
    dates=(DateForm.ISO, DateForm.EXCEL),
)
HEADERS = ("card no", " TIER", "Miles", "Since", "Remarks", "Name", "MOBILE", "e-mail", "union  id", "Until")
GOOD = {
    "number": "ms 80-01",
    "tier": "GOLD",
    "balance": "1200",
    "since": "43531",
    "remarks": "likes the window",
    "name": " 吕  客 ",
    "phone": "138 0000 1234",
    "email": "Lyu.Ke@Example.com",
    "unionid": "oDemo",
    "until": "2031-12-31",
}
TODAY = date(2026, 1, 15)


def _read(**changed: str) -> MemberRow | BrokenRow:
    reader = RowReader(PROGRAM, FORM, HEADERS, TODAY)
    return reader.read(Row(17, tuple((GOOD | changed).values())))


def test_good() -> None:
    """Everything in its normal form; columns nobody asked for are left alone."""
    assert _read() == MemberRow(
        line=17,
        number="MS8001",
        name="吕 客",
        identifiers=(
            Identifier(IdentifierType.MEMBER_NUMBER, "MILES", "MS8001"),
            Identifier(IdentifierType.PHONE, "", "+8613800001234"),
            Identifier(IdentifierType.EMAIL, "", "lyu.ke@example.com"),
            Identifier(IdentifierType.UNIONID, "wechat", "oDemo"),
        ),
        tier="gold",
        balance=1_200,
        enrolled_on=date(2019, 3, 7),
        last_day=date(2031, 12, 31),
    )


def test_little_is_needed() -> None:
    """Number, tier, balance and the day of enrolment are enough."""
    found = _read(name="", phone=" ", email="", unionid="", until="")
    assert isinstance(found, MemberRow)
    assert (found.name, len(found.identifiers), found.last_day) == ("", 1, None)


@pytest.mark.parametrize(
    ("changed", "column", "reason", "value"),
    [
        ({"number": ""}, "card no", "is missing", ""),
        ({"number": "客户8001"}, "card no", "is not a member number", "客****1"),
        ({"phone": "1380000123"}, "MOBILE", "is not a valid phone number", "138****123"),
        ({"email": "lyu(at)example.com"}, "e-mail", "is not a valid email address", "lyu************com"),
        ({"unionid": "a b"}, "union id", "is not a valid unionid", "***"),
        ({"tier": "Emerald"}, "TIER", "is not a tier of MILES", "Emerald"),
        ({"tier": ""}, "TIER", "is missing", ""),
        ({"balance": "-250"}, "Miles", "is negative", "-250"),
        ({"balance": "x\x1b[2Jy"}, "Miles", "is not a whole amount", "x\ufffd[2Jy"),
        ({"since": "2019-02-30"}, "Since", "is not a day (iso or excel)", "2019-02-30"),
        ({"since": "2026-01-16"}, "Since", "is in the future", "2026-01-16"),
        ({"until": "soon"}, "Until", "is not a day (iso or excel)", "soon"),
        ({"since": "0001-01-01"}, "Since", "is before 1900", "0001-01-01"),
        ({"until": "0001-01-01"}, "Until", "is before 1900", "0001-01-01"),
        ({"name": "Ann\x07a"}, "Name", "has control characters", "A***a"),
        ({"name": "Ann\r\nAnna"}, "Name", "has control characters", "An****na"),
        ({"name": "\udcff"}, "Name", "is not written in utf-8", ""),
        ({"remarks": "\udcff"}, "Remarks", "is not written in utf-8", ""),
    ],
)
def test_broken(changed: Mapping[str, str], column: str, reason: str, value: str) -> None:
    """A broken row says where, what is wrong and what stands there, with personal data masked."""
    assert _read(**changed) == BrokenRow(17, column, reason, value)


def test_columns() -> None:
    """Too few columns and too many are broken rows; empty ones too many are not."""
    reader = RowReader(PROGRAM, FORM, HEADERS, TODAY)
    cells = tuple(GOOD.values())
    assert reader.read(Row(3, cells[:4])) == BrokenRow(3, "", "has 4 columns in place of 10", "")
    assert reader.read(Row(3, (*cells, "", "x"))) == BrokenRow(3, "", "has 12 columns in place of 10", "")
    assert isinstance(reader.read(Row(3, (*cells, "", " "))), MemberRow)


def test_unreadable_row() -> None:
    """A row whose quotation marks do not pair up says so."""
    found = RowReader(PROGRAM, FORM, HEADERS, TODAY).read(
        Row(3, tuple(GOOD.values()), "has a quotation mark that is not closed")
    )
    assert found == BrokenRow(3, "", "has a quotation mark that is not closed", "")


def test_headers() -> None:
    """Case, width and spaces of headers do not matter; one that lacks, or is there twice, does."""
    assert missing_columns(FORM.columns, HEADERS) is None
    assert missing_columns(FORM.columns, ("card no;tier;miles",)) == ColumnsMissing(
        ("Card No", "Tier", "Miles", "Since", "Name", "Mobile", "E-mail", "Union ID", "Until"), ("card no;tier;miles",)
    )
    found = tuple(" ".join(header.split()) for header in HEADERS)
    assert missing_columns(FORM.columns, (*HEADERS, "Tier")) == ColumnsMissing((), (*found, "Tier"), ("Tier",))


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (ColumnsMissing(("A", "B"), ("C",)), "The first line lacks the columns A, B; it has C."),
        (ColumnsMissing((), ("A", "A"), ("A",)), "The first line has more than once the columns A; it has A, A."),
        (
            ColumnsMissing(("B",), ("A", "A"), ("A",)),
            "The first line lacks the columns B and has more than once the columns A; it has A, A.",
        ),
    ],
)
def test_what_is_wrong_with_the_headers(refusal: ColumnsMissing, message: str) -> None:
    """A header that is there twice is not called missing."""
    assert refusal.message == message


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("phone", "13800001234", "138*****234"),
        ("name", "吕客", "**"),
        ("number", "AV1000001", "AV*****01"),
        ("tier", "Emerald", "Emerald"),
        ("balance", "9" * 60, "9" * 40),
        ("email", "", ""),
    ],
)
def test_masked(name: str, text: str, shown: str) -> None:
    """What is about a person shows its ends only; nothing is longer than a line can bear."""
    assert masked(name, text) == shown
