"""`agio settle`: models, money and what waits for a second person, from the command line."""

from pathlib import Path

import pytest

from tests.gateway.shell import Shell
from tests.settlement.cash.bank import ACCOUNTS, HOUSE, Movement, camt

MODEL = """
model = "air"
netting = "bilateral"
funding = "prefunded"
pairs = [["hotel", "airline"]]
[schedule]
cycle = "daily"
"""


@pytest.fixture
def desk(agio: Shell, network_files: list[Path]) -> Shell:
    """The command line of a network in force."""
    assert agio("brand", "apply", *network_files).code == 0
    agio("settle", "list")
    return agio


def decided(desk: Shell, *proposing: object) -> None:
    """One person proposes, another approves."""
    made = desk("settle", *proposing, "--as", "lin.wei", "--reason", "from the papers", "--json")
    assert made.code == 0, made.err
    wanted = (made.json["id"], "APPROVED", "--digest", made.json["digest"], "--reason", "compared")
    ran = desk("settle", "decide", *wanted, "--as", "chen.yu")
    assert ran.code == 0, ran.err


def account(desk: Shell, code: str) -> None:
    """Agree on a bank account."""
    it = ACCOUNTS[code]
    decided(desk, "account", code, "--holder", it.holder, "--number", it.number, "--bank-code", it.bank_code)


def test_a_model_is_agreed_on_and_closes_by_schedule(desk: Shell, tmp_path: Path) -> None:
    file = tmp_path / "air.toml"
    file.write_text(MODEL)
    decided(desk, "model", file)
    own, air = desk("settle", "models", "--json").json
    assert (own["model"], own["netting"], own["cycle"]) == ("network", "multilateral", "on_demand")
    assert (air["model"], air["netting"], air["funding"]) == ("air", "bilateral", "prefunded")
    assert (air["cycle"], air["pairs"]) == ("daily", "airline and hotel")
    schedule = desk("settle", "schedule", "--json").json
    assert schedule["stuck"] == []
    assert [(it["model"], it["closes_at"] is None) for it in schedule["models"]] == [("network", True), ("air", False)]
    assert desk("settle", "run", "--json").json == [{"steps": 0}]
    assert [it["model"] for it in desk("settle", "list", "--json").json] == ["air", "network"]


def test_who_approves_a_model_reads_all_of_its_terms(desk: Shell, tmp_path: Path) -> None:
    file = tmp_path / "air.toml"
    file.write_text(MODEL + "[caps]\nhotel = '5000.00'\n")
    desk("settle", "model", file, "--as", "lin.wei", "--reason", "contract of May")
    told = desk("settle", "proposals").out
    for term in ("caps hotel CNY 5000.000000", "pairs airline and hotel", "netting bilateral", "funding prefunded"):
        assert term in told
    assert "cycle daily" in told
    assert "members none" in told


def test_a_model_file_with_a_mistake_is_refused_with_its_place(desk: Shell, tmp_path: Path) -> None:
    file = tmp_path / "air.toml"
    file.write_text(MODEL.replace("bilateral", "lateral"))
    ran = desk("settle", "model", file, "--as", "lin.wei", "--reason", "x")
    assert (ran.code, ran.err) == (1, "netting: Invalid enum value 'lateral'\n")
    assert desk("settle", "model", tmp_path / "none.toml", "--as", "lin.wei", "--reason", "x").code == 2
    assert desk("settle", "proposals", "--json").json == []


def test_a_receipt_becomes_a_deposit(desk: Shell, tmp_path: Path) -> None:
    file, statement = tmp_path / "air.toml", tmp_path / "s1.xml"
    file.write_text(MODEL)
    decided(desk, "model", file)
    account(desk, "operator")
    statement.write_bytes(camt("S1", 0, Movement(200_00, "deposit")))
    ran = desk("settle", "import", statement, "--as", "lin.wei", "--json")
    assert (ran.code, ran.json[0]["movements"], ran.json[0]["unexplained"]) == (0, 1, 1)
    (line,) = desk("settle", "unexplained", "--json").json
    named = ("--as", "lin.wei", "--reason", "a deposit")
    made = desk("settle", "top-up", line["id"], "hotel", "1.00", *named, "--json").json
    waiting = desk("settle", "proposals").out
    assert "cash CNY 200.00 of 2026-02-03 (deposit)" in waiting
    assert waiting.count("participant") == 1
    assert desk("settle", "retract", made["id"], *named).code == 0
    decided(desk, "top-up", line["id"], "hotel", "150.00", "--model", "air")
    assert desk("settle", "deposits", "--json").json == [
        {"participant": "hotel", "model": "air", "held": "150.00", "earmarked": "0.00"}
    ]
    (left,) = desk("settle", "unexplained", "--json").json
    assert left["left"] == "50.00"
    again = desk("settle", "import", statement, "--as", "lin.wei", "--json").json
    assert again[0]["statements"] == 0
    assert desk("audit").code == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<a", "it is not well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "document types and entities"),
        (camt("S1", 0, account="1234567"), "another account"),
        (camt("S1", 0, Movement(1_00)).replace(b'Ccy="CNY"', b'Ccy="USD"'), "its currency is USD, not CNY"),
        (camt("S1", 0, Movement(1_00)).replace(b">1.00<", b">1,00<"), "its amount cannot be read"),
    ],
)
def test_a_bank_statement_that_is_wrong_ends_with_1(desk: Shell, tmp_path: Path, content: bytes, told: str) -> None:
    """Nothing of it is taken in."""
    account(desk, "operator")
    file = tmp_path / "s1.xml"
    file.write_bytes(content)
    ran = desk("settle", "import", file, "--as", "lin.wei")
    assert (ran.code, ran.out) == (1, "")
    assert told in ran.err
    assert desk("settle", "unexplained").out.strip() == "Everything is explained."


def test_what_show_prints_is_enough_to_go_on(desk: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes, references and ids of payments as other commands take them, and the next command as it is typed."""
    monkeypatch.chdir(tmp_path)
    settle(desk, 1)
    assert desk("settle", "show", 1, "--json").json["accounts_missing"] == []
    named = ("--as", "lin.wei", "--reason", "a fee was forgotten")
    decided(desk, "adjust", 1, "hotel", "airline", "150.00")
    assert [it["id"] for it in desk("settle", "show", 2, "--json").json["payments"]] == [None, None]
    settle(desk, 2)
    shown = desk("settle", "show", 2, "--json").json
    assert [it["participant"] for it in shown["positions"] if it["settled"] != "0.000000"] == ["hotel", "airline"]
    paid, paying = sorted(shown["payments"], key=lambda it: str(it["payer"]), reverse=True)
    assert (paid["payer"], paid["payee"], paying["payer"], paying["payee"]) == (
        "operator",
        "airline",
        "hotel",
        "operator",
    )
    text = desk("settle", "show", 2).out
    assert desk("settle", "show", 2, "--json").json["accounts_missing"] == ["airline", "operator"]
    assert "No bank account is agreed on for airline, operator" in text
    assert "agreed on for airline, operator" in desk("settle", "advise", 2, "--as", "lin.wei").err
    for code in ("hotel", "airline", paid["reference"], paying["reference"], paying["id"]):
        assert code in text
    assert "Next: agio settle instruct 2 --as NAME" in text
    assert {it["id"] for it in desk("settle", "due", "--json").json} == {paid["id"], paying["id"]}
    assert desk("settle", "dispute", paying["id"], "1.00", *named).code == 0


def settle(desk: Shell, number: int) -> None:
    """Take a window as far as its statements, typing what `show` says comes next."""
    for who in ("lin.wei", "lin.wei", "lin.wei", "lin.wei", "chen.yu", "lin.wei"):
        following = desk("settle", "show", number, "--json").json["next"].removeprefix("agio ")
        said = following.replace("NAME", who).replace("ANOTHER", who).replace("TEXT", "compared")
        assert desk(*said.split()).code == 0, said


def test_amounts_and_ids_that_cannot_be_end_with_2(desk: Shell) -> None:
    named = ("--as", "lin.wei", "--reason", "x")
    some = "0199a1b2-0000-7000-8000-000000000000"
    for wrong in ((some, "1,000"), (some, "0.001"), ("no id", "1.00")):
        assert desk("settle", "dispute", *wrong, *named).code == 2
    ran = desk("settle", "dispute", some, "1.00", *named)
    assert (ran.code, ran.out) == (1, "")


def test_what_if_of_a_window_that_is_open(desk: Shell) -> None:
    found = desk("settle", "what-if", 1, "--netting", "gross", "--json").json
    assert (found["payments"], found["total"]) == (0, "0.00")
    assert desk("settle", "what-if", 1, "--without", "nobody").code == 1
    assert desk("settle", "what-if", 1, "--netting", "gross", "--set-off-loops").code == 2
    assert HOUSE.masked.endswith("0001")


def test_a_deposit_is_paid_back_and_a_charge_is_booked(desk: Shell, tmp_path: Path) -> None:
    """200.00 came, the bank kept 2.00; 50.00 go back; what is printed says what comes next."""
    for code in ("operator", "hotel"):
        account(desk, code)
    file = tmp_path / "S1.xml"
    file.write_bytes(camt("S1", 0, Movement(200_00, "deposit"), Movement(-2_00, "fee")))
    assert desk("settle", "import", file, "--as", "lin.wei").code == 0
    lines = {it["left"]: it["id"] for it in desk("settle", "unexplained", "--json").json}
    decided(desk, "top-up", lines["200.00"], "hotel", "200.00")
    decided(desk, "own", lines["-2.00"], "BANK_CHARGE", "2.00")
    assert desk("settle", "unexplained", "--json").json == []
    decided(desk, "withdraw", "hotel", "50.00")
    assert "amount_fen" not in (listed := desk("settle", "proposals", "--all").out)
    assert "CNY" in listed
    (waiting,) = desk("settle", "withdrawals", "--json").json
    assert (waiting["amount"], waiting["open"], waiting["ordered_at"]) == ("50.00", "50.00", None)
    ran = desk("settle", "pay-back", waiting["id"], "--as", "chen.yu", "--folder", tmp_path / "orders", "--json")
    (told,) = ran.json
    assert (told["reference"], told["total"], Path(told["file"]).exists()) == (waiting["reference"], "50.00", True)
    file = tmp_path / "S2.xml"
    file.write_bytes(camt("S2", 198_00, Movement(-50_00, waiting["reference"])))
    assert desk("settle", "import", file, "--as", "lin.wei").code == 0
    assert desk("settle", "withdrawals", "--json").json == []
    found = desk("settle", "deposit-lines", "hotel", "--json").json
    assert [(it["movement"], it["amount"], it["balance"]) for it in found] == [
        ("TOPPED_UP", "200.00", "200.00"),
        ("PAID_BACK", "-50.00", "150.00"),
    ]
    assert desk("settle", "draw", waiting["id"], "1.00", "--as", "lin.wei", "--reason", "late").code == 1
