"""How a settlement window is shown: with all that the next command asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import settlement
from core.amounts import format_amount
from gateway.cli.printing import say, show, show_json
from gateway.cli.settle_rows import MICRO_DECIMALS, cny
from settlement import Status
from settlement.cash.references import places, reference
from settlement.records import payment_id

_NEXT: Final[Mapping[Status, str]] = {
    Status.OPEN: "close {number} --as NAME",
    Status.CLOSING: "close {number} --as NAME",
    Status.CLOSED: "reconcile {number} --as NAME",
    Status.RECONCILED: "net {number} --as NAME",
    Status.NETTED: "submit {number} --as NAME",
    Status.SUBMITTED: "approve {number} --as ANOTHER --digest {digest} --reason TEXT",
    Status.APPROVED: "advise {number} --as NAME",
    Status.ADVISED: "instruct {number} --as NAME",
    Status.INSTRUCTED: "import CAMT.053 --as NAME",
    Status.FUNDED: "import CAMT.053 --as NAME",
}


def window_row(window: settlement.Window) -> dict[str, object]:
    """A window on one line."""
    return {
        "number": window.number,
        "status": window.status.value,
        "model": window.model,
        "opened_at": window.opened_at,
        "cut_off_at": window.cut_off_at,
    }


def show_overview(found: settlement.Overview, *, as_json: bool) -> None:
    """Figures, payments, what was done, and what comes next."""
    positions = [_position(found, position) for position in found.figures.positions]
    payments, history = _payments(found), _history(found)
    digest, following = found.figures.digest, _next(found)
    if as_json:
        parts: dict[str, Any] = {"digest": digest, "next": following, "accounts_missing": list(found.accounts_missing)}
        parts |= {"positions": positions, "payments": payments, "steps": history}
        show_json({**window_row(found.window), **parts})
        return
    say(f"Window {found.window.number} is {found.window.status}. Digest of its figures: {digest}\n")
    show(positions, as_json=False, empty="No positions.")
    say("")
    show(payments, as_json=False, empty="No payments.")
    say("")
    show(history, as_json=False, empty="Nothing has happened to it yet.")
    if found.accounts_missing:
        say(f"\n{accounts_missing_in_words(found.accounts_missing)}")
    if following:
        say(f"\nNext: {following}")


def accounts_missing_in_words(codes: Sequence[str]) -> str:
    """Whose bank accounts are missing, and what to do about it before the bank is told."""
    return (
        f"No bank account is agreed on for {', '.join(codes)}: statements cannot name it, and the bank cannot be told "
        "to pay until two persons have agreed on one (agio settle account)."
    )


def _position(found: settlement.Overview, position: settlement.Position) -> dict[str, str]:
    amounts = ("opening", "debits", "credits", "closing", "settled", "carried")
    return {
        "participant": found.codes[position.participant_id],
        "name": found.names[position.participant_id],
        **{name: format_amount(getattr(position, name), MICRO_DECIMALS) for name in amounts},
    }


def _payments(found: settlement.Overview) -> list[dict[str, Any]]:
    """Before the window is netted they are only what netting would name: no id, no reference."""
    named = found.window.status.has_reached(Status.NETTED)
    return [
        {
            "id": payment_id(found.window.id, it) if named else None,
            "reference": reference(found.window.number, place) if named else None,
            "payer": found.codes[it.payer_id],
            "payee": found.codes[it.payee_id],
            "for": found.codes.get(it.for_id, ""),
            "amount": cny(it.amount_fen),
        }
        for it, place in places(found.figures.payments).items()
    ]


def _history(found: settlement.Overview) -> list[dict[str, object]]:
    return [
        {"status": step.status.value, "actor": step.actor, "recorded_at": step.recorded_at, "reason": step.reason}
        for step in found.steps
    ]


def _next(found: settlement.Overview) -> str | None:
    step = _NEXT.get(found.window.status)
    return step and f"agio settle {step.format(number=found.window.number, digest=found.figures.digest)}"
