"""The bank's account statement: ISO 20022 camt.053, versions 02 and 08, read strictly and without trusting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.amounts import AmountError, format_amount, parse_amount
from settlement.cash.errors import StatementUnreadable

VERSIONS: Final = frozenset(f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08"))
SIZE_MAX_BYTES: Final = 50_000_000
TEXT_LENGTH_MAX: Final = 1_000

_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_TEXTS: Final = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "AddtlTxInf")


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One movement on the account."""

    key: str
    """Names it for ever on this account: the bank's own reference, or its place in the statement."""
    amount_fen: int
    """Positive: money came in; negative: money went out."""
    booked_on: date
    end_to_end_id: str
    text: str
    """Whatever the payer wrote, and the bank's own remarks."""
    other_account: str
    other_name: str


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account: `opening_fen + entries = closing_fen`."""

    id: str
    account: str
    opening_fen: int
    closing_fen: int
    entries: tuple[BankEntry, ...]


class _Unreadable(Exception):
    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.refusal = StatementUnreadable(place, problem)


def read_camt_053(content: bytes) -> list[BankStatement] | StatementUnreadable:
    """The statements of a file. Document types and entities are refused, so no file can grow or reach outside."""
    try:
        found = [_statement(statement) for statement in _document(content).findall("BkToCstmrStmt/Stmt")]
        return found or StatementUnreadable("file", "it holds no statement")
    except _Unreadable as unreadable:
        return unreadable.refusal


def _document(content: bytes) -> Element:
    if len(content) > SIZE_MAX_BYTES:
        raise _Unreadable("file", f"it is larger than {SIZE_MAX_BYTES} bytes")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        place = "line %d, column %d" % error.position  # noqa: UP031 - a pair
        raise _Unreadable(place, "it is not well-formed XML") from error
    except DefusedXmlException as error:
        raise _Unreadable("file", "document types and entities are not accepted") from error
    namespace, _, name = root.tag.removeprefix("{").partition("}")
    if name != "Document" or namespace not in VERSIONS:
        raise _Unreadable("file", "it is no camt.053 of version 02 or 08")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _statement(found: Element) -> BankStatement:
    identifier = _required(found, "Id", "statement")
    place = f"statement {identifier}"
    opening, closing = _balance(found, _OPENING, place), _balance(found, _CLOSING, place)
    entries = tuple(
        entry for number, it in enumerate(found.findall("Ntry"), 1) for entry in _entries(it, place, number)
    )
    moved = sum(entry.amount_fen for entry in entries)
    if opening + moved != closing:
        began, added, ended = (format_amount(fen, 2) for fen in (opening, moved, closing))
        raise _Unreadable(place, f"it opens with {began}, its entries come to {added}, and it closes with {ended}")
    if len({entry.key for entry in entries}) != len(entries):
        raise _Unreadable(place, "two entries carry the same reference")
    return BankStatement(identifier, _number(found.find("Acct"), place), opening, closing, entries)


def _balance(found: Element, codes: tuple[str, ...], place: str) -> int:
    balances = {_text(it, "Tp/CdOrPrtry/Cd"): it for it in found.findall("Bal")}
    for code in codes:
        if code in balances:
            return _signed(balances[code], f"{place}, balance {code}")
    raise _Unreadable(place, f"it has no balance {codes[0]}")


def _entries(entry: Element, statement: str, number: int) -> Iterator[BankEntry]:
    """The movements of an entry: one, or one for each detail of a batch. Those that are not booked yet are none."""
    place = f"{statement}, entry {number}"
    if _text(entry, "Sts/Cd", "Sts") != "BOOK":
        return
    amount, key = _signed(entry, place), _key(entry, statement, number)
    details = entry.findall("NtryDtls/TxDtls")
    amounts = [_detail_amount(detail, place) for detail in details]
    if len(details) > 1 and sum(fen or 0 for fen in amounts) == abs(amount) and all(amounts):
        sign = 1 if amount > 0 else -1
        for part, (detail, fen) in enumerate(zip(details, amounts, strict=True), 1):
            yield _movement(entry, [detail], f"{key}/{part}", sign * (fen or 0), place)
    else:
        yield _movement(entry, details, key, amount, place)


def _movement(entry: Element, details: list[Element], key: str, amount_fen: int, place: str) -> BankEntry:
    texts = [it.text or "" for detail in details for path in _TEXTS for it in detail.findall(path)]
    texts.append(_text(entry, "AddtlNtryInf"))
    references = {_text(detail, "Refs/EndToEndId") for detail in details} - {"", "NOTPROVIDED"}
    parties = details[0].find("RltdPties") if len(details) == 1 else None
    return BankEntry(
        key,
        amount_fen,
        _booked_on(entry, place),
        references.pop() if len(references) == 1 else "",
        " ".join(filter(None, map(str.strip, texts)))[:TEXT_LENGTH_MAX],
        *_other(parties, "Dbtr" if amount_fen > 0 else "Cdtr"),
    )


def _other(parties: Element | None, role: str) -> tuple[str, str]:
    """The other side's account number and name, as far as they are given."""
    number = _text(parties, f"{role}Acct/Id/IBAN", f"{role}Acct/Id/Othr/Id")
    return number, _text(parties, f"{role}/Pty/Nm", f"{role}/Nm")


def _booked_on(entry: Element, place: str) -> date:
    try:
        return date.fromisoformat(_text(entry, "BookgDt/Dt", "BookgDt/DtTm")[:10])
    except ValueError:
        raise _Unreadable(place, "it has no booking date") from None


def _key(entry: Element, statement: str, number: int) -> str:
    return _text(entry, "AcctSvcrRef", "NtryRef") or f"{statement}/{number}"


def _detail_amount(detail: Element, place: str) -> int | None:
    found = detail.find("Amt") if detail.find("Amt") is not None else detail.find("AmtDtls/TxAmt/Amt")
    return None if found is None else _fen(found, place)


def _signed(found: Element, place: str) -> int:
    amount, sign = found.find("Amt"), _SIGNS.get(_text(found, "CdtDbtInd"))
    if amount is None or sign is None:
        raise _Unreadable(place, "it has no amount, or does not say whether it is a credit or a debit")
    return sign * _fen(amount, place)


def _fen(amount: Element, place: str) -> int:
    if amount.get("Ccy") != "CNY":
        raise _Unreadable(place, f"its currency is {amount.get('Ccy')}, not CNY")
    try:
        fen = parse_amount((amount.text or "").strip(), 2)
    except AmountError as error:
        raise _Unreadable(place, f"its amount cannot be read: {error}") from None
    if fen < 0:
        raise _Unreadable(place, "its amount is negative")
    return fen


def _number(account: Element | None, place: str) -> str:
    number = _text(account, "Id/IBAN", "Id/Othr/Id")
    if not number:
        raise _Unreadable(place, "it names no account")
    return number


def _required(found: Element, path: str, place: str) -> str:
    text = _text(found, path)
    if not text:
        raise _Unreadable(place, f"it has no {path}")
    return text


def _text(found: Element | None, *paths: str) -> str:
    """The first of these texts that is not empty; an element that is missing has none."""
    if found is None:
        return ""
    return next(filter(None, ((found.findtext(path) or "").strip() for path in paths)), "")
