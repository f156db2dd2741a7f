"""Reading the bank's statements: what is there, exactly, and nothing that is not."""

from datetime import date

import pytest

from settlement.cash.camt import BankEntry, BankStatement, read_camt_053
from settlement.cash.errors import StatementUnreadable

V02 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>2026-02-03</Id><Acct><Id><Othr><Id>6222001</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">90.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="CNY">140.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-02-03</Dt></BookgDt>
<AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>湖畔酒店</Nm></Dbtr><DbtrAcct><Id><Othr><Id>6222777</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>settlement</Ustrd><Ustrd>RF21 AGIO</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">149.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-02-03</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="CNY">100.00</Amt></TxAmt></AmtDtls>
</TxDtls><TxDtls><Refs><EndToEndId>E-2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="CNY">49.50</Amt></TxAmt></AmtDtls>
</TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-02-03</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""

V08 = (
    V02.replace("camt.053.001.02", "camt.053.001.08")
    .replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
    .replace("<Sts>PDNG</Sts>", "<Sts><Cd>PDNG</Cd></Sts>")
    .replace("<Dbtr><Nm>湖畔酒店</Nm></Dbtr>", "<Dbtr><Pty><Nm>湖畔酒店</Nm></Pty></Dbtr>")
    .replace("<AmtDtls><TxAmt>", "")
    .replace("</TxAmt></AmtDtls>", "")
)

DAY = date(2026, 2, 3)

EXPECTED = BankStatement(
    "2026-02-03",
    "6222001",
    100_00,
    90_50,
    (
        BankEntry("B-1", 140_00, DAY, "", "settlement RF21 AGIO", "6222777", "湖畔酒店"),
        BankEntry("statement 2026-02-03/2/1", -100_00, DAY, "E-1", "", "", ""),
        BankEntry("statement 2026-02-03/2/2", -49_50, DAY, "E-2", "", "", ""),
    ),
)


@pytest.mark.parametrize("content", [V02, V08], ids=["version 02", "version 08"])
def test_both_versions_say_the_same(content: str) -> None:
    """Batches are taken apart, what is not booked yet is left out, and the sums are checked."""
    assert read_camt_053(content.encode()) == [EXPECTED]


def test_a_batch_whose_details_do_not_add_up_is_one_movement() -> None:
    content = V02.replace(">49.50</Amt></TxAmt>", ">49.49</Amt></TxAmt>")
    statements = read_camt_053(content.encode())
    assert isinstance(statements, list)
    (statement,) = statements
    assert [(entry.amount_fen, entry.end_to_end_id) for entry in statement.entries[1:]] == [(-149_50, "")]


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&lol2;</Document>"""

OUTSIDE = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&x;</Document>"""


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        (V02[:900], "line 10, column 33", "it is not well-formed XML"),
        ("", "line 1, column 0", "it is not well-formed XML"),
        ("row,amount\n1,2\n", "line 1, column 0", "it is not well-formed XML"),
        (BOMB, "file", "document types and entities are not accepted"),
        (OUTSIDE, "file", "document types and entities are not accepted"),
        (V02.replace("001.02", "001.11"), "file", "it is no camt.053 of version 02 or 08"),
        (V02.replace("camt.053", "camt.052"), "file", "it is no camt.053 of version 02 or 08"),
        (
            V02.replace(">90.50<", ">90.51<"),
            "statement 2026-02-03",
            "it opens with 100.00, its entries come to -9.50, and",
        ),
        (V02.replace("OPBD", "ITBD"), "statement 2026-02-03", "it has no balance OPBD"),
        (V02.replace('"CNY">140.00', '"USD">140.00'), "statement 2026-02-03, entry 1", "its currency is USD, not CNY"),
        (V02.replace(">140.00<", ">1,140.00<"), "statement 2026-02-03, entry 1", "its amount cannot be read"),
        (V02.replace(">140.00<", ">１４０.00<"), "statement 2026-02-03, entry 1", "its amount cannot be read"),
        (V02.replace(">140.00<", ">140.001<"), "statement 2026-02-03, entry 1", "its amount cannot be read"),
        (V02.replace(">140.00<", ">-140.00<"), "statement 2026-02-03, entry 1", "its amount is negative"),
        (V02.replace("<CdtDbtInd>DBIT</CdtDbtInd>", ""), "statement 2026-02-03, entry 2", "it has no amount, or"),
        (V02.replace("<Dt>2026-02-03</Dt>", "<Dt>3 Feb</Dt>"), "statement 2026-02-03, entry 1", "it has no booking"),
        (V02.replace("6222001", " "), "statement 2026-02-03", "it names no account"),
        (V02.replace("<Id>2026-02-03</Id>", ""), "statement", "it has no Id"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_the_place(content: str, place: str, problem: str) -> None:
    refused = read_camt_053(content.encode())
    assert isinstance(refused, StatementUnreadable), refused
    assert refused.place.startswith(place)
    assert refused.problem.startswith(problem)
    assert refused.message == f"{refused.place}: {refused.problem}"


def test_the_same_reference_twice_in_one_statement_is_refused() -> None:
    second = "<BookgDt><Dt>2026-02-03</Dt></BookgDt>\n<NtryDtls><TxDtls><Refs><EndToEndId>E-1"
    content = V02.replace(">49.50</Amt></TxAmt>", ">49.49</Amt></TxAmt>").replace(
        second, f"<AcctSvcrRef>B-1</AcctSvcrRef>{second}"
    )
    refused = StatementUnreadable("statement 2026-02-03", "two entries carry the same reference")
    assert read_camt_053(content.encode()) == refused


def test_a_file_without_a_statement_is_refused() -> None:
    content = f"{V02[: V02.index('<Stmt>')]}</BkToCstmrStmt></Document>"
    assert read_camt_053(content.encode()) == StatementUnreadable("file", "it holds no statement")
