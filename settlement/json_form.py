"""Statements for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO, Final

import orjson

from settlement.cash.account import BankAccount
from settlement.statement import Footing, Heading, Line, Paying, Sum, instant, money

FORM: Final = "agio.statement/1"
"""The name of the form; another number when a reader would have to change."""


class JsonForm:
    """One object, keys sorted, a line of the statement on each line of the file; amounts are decimal strings."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._heading: Heading | None = None
        self._separator = b"\n"

    def begin(self, heading: Heading) -> None:
        """The opening of the object and of its lines."""
        self._heading = heading
        self._file.write(b'{"lines":[')

    def lines(self, lines: Sequence[Line]) -> None:
        """An element for each line."""
        if lines:
            self._file.write(self._separator + b",\n".join([_json(_line(line)) for line in lines]))
            self._separator = b",\n"

    def end(self, footing: Footing) -> None:
        """Everything else."""
        assert self._heading is not None
        rest = _json(_heading(self._heading) | _footing(footing))
        self._file.write(b"\n]," + rest.removeprefix(b"{") + b"\n")


def _json(form: Mapping[str, Any]) -> bytes:
    return orjson.dumps(form, option=orjson.OPT_SORT_KEYS)


def _heading(heading: Heading) -> dict[str, Any]:
    return {
        "form": FORM,
        "window": heading.window,
        "after": None if heading.after is None else instant(heading.after),
        "cut_off_at": instant(heading.cut_off_at),
        "participant": {"code": heading.participant, "name": heading.name},
        "currency": "CNY",
        "opening": money(heading.opening),
    } | _paying(heading.paying)


def _paying(paying: Paying | None) -> dict[str, Any]:
    if paying is None:
        return {}
    accounts = {"clearing_house": _account(paying.house), "participant": _account(paying.participant)}
    return {"due_on": paying.due_on.isoformat(), "accounts": accounts}


def _account(account: BankAccount | None) -> dict[str, str] | None:
    return None if account is None else asdict(account)


def _line(line: Line) -> dict[str, Any]:
    return {
        "recorded_at": instant(line.recorded_at),
        "kind": line.kind,
        "reference": None if line.reference is None else str(line.reference),
        "transfer": str(line.transfer_id),
        "counterparty": line.counterparty,
        "detail": line.detail,
        "debit": money(line.debit),
        "credit": money(line.credit),
        "balance": money(line.balance),
    }


def _footing(footing: Footing) -> dict[str, Any]:
    payments = [{"amount": money(due.amount), "reference": due.reference} for due in footing.payments]
    several = {"payments": payments} if payments else {}
    return several | {
        "by_kind": {kind: _sum(found) for kind, found in footing.by_kind.items()},
        "by_counterparty": {who: _sum(found) for who, found in footing.by_counterparty.items()},
        "total": _sum(footing.total),
        "closing": money(footing.closing),
        "settled": money(footing.settled),
        "payment_reference": footing.payment_reference,
        "carried": money(footing.carried),
    }


def _sum(found: Sum) -> dict[str, Any]:
    return {"debits": money(found.debits), "credits": money(found.credits), "lines": found.lines}
