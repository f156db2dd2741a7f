"""The payment order, valid against the official schema."""

from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from xml.etree.ElementTree import fromstring

import pytest
from xmlschema import XMLSchema

from settlement.cash.account import BankAccount
from settlement.cash.pain import NAMESPACE, Order, Transfer, pain_001
from settlement.cash.references import reference

HOUSE = BankAccount("Clearing House & Co. <Suzhou>", "6222001", "102100099996")
AIRLINE = BankAccount("航空公司", "6222888ABC", "104100000004")

ORDER = Order(
    message_id="AGIO-000012",
    ordered_at=datetime(2026, 2, 2, 1, 30, tzinfo=UTC),
    execute_on=date(2026, 2, 2),
    debtor=HOUSE,
    transfers=(
        Transfer(reference(12, 1), AIRLINE, 138_50, "Agio window 12"),
        Transfer(reference(12, 2), AIRLINE, 1, "Agio window 12"),
    ),
)


@pytest.fixture(scope="module")
def schema() -> XMLSchema:
    """The schema as ISO 20022 publishes it."""
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        return XMLSchema(path)


def test_an_order_is_valid(schema: XMLSchema) -> None:
    schema.validate(pain_001(ORDER).decode())


def test_an_order_says_what_is_paid_to_whom() -> None:
    root = fromstring(pain_001(ORDER))  # noqa: S314 - reads what we have just written
    found = {"p": NAMESPACE}
    assert [element.text for element in root.iterfind(".//p:NbOfTxs", found)] == ["2", "2"]
    assert [element.text for element in root.iterfind(".//p:CtrlSum", found)] == ["138.51", "138.51"]
    assert [element.text for element in root.iterfind(".//p:InstdAmt", found)] == ["138.50", "0.01"]
    assert [element.text for element in root.iterfind(".//p:EndToEndId", found)] == [reference(12, 1), reference(12, 2)]
    assert [element.text for element in root.iterfind(".//p:Dbtr/p:Nm", found)] == ["Clearing House & Co. <Suzhou>"]
    assert [element.text for element in root.iterfind(".//p:Cdtr/p:Nm", found)] == ["航空公司"] * 2
    assert [element.text for element in root.iterfind(".//p:MmbId", found)] == [
        HOUSE.bank_code,
        *[AIRLINE.bank_code] * 2,
    ]


def test_the_same_order_has_the_same_bytes() -> None:
    assert pain_001(ORDER) == pain_001(ORDER)


@pytest.mark.parametrize(
    ("holder", "number", "bank_code"),
    [
        ("", "6222001", "102100099996"),
        ("x" * 71, "6222001", "102100099996"),
        ("two\nlines", "6222001", "102100099996"),
        ("Hotel", "622", "102100099996"),
        ("Hotel", "6222 001", "102100099996"),
        ("Hotel", "６２２２００１", "102100099996"),
        ("Hotel", "6222001", "10210009999"),
    ],
)
def test_what_no_bank_would_take(holder: str, number: str, bank_code: str) -> None:
    with pytest.raises(ValueError, match=r"holder|account number|bank code"):
        BankAccount(holder, number, bank_code)


def test_a_masked_number() -> None:
    assert HOUSE.masked == "***2001"
