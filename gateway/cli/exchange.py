"""`agio exchange`: exchanges one by one, the manual queue, and what two persons decide."""

from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import typer

import exchange
from brands import Directory, directory
from core.amounts import AmountError, format_amount, parse_amount
from core.clock import SystemClock
from core.database import Connection, Database
from core.errors import Refusal
from core.settings import Settings
from exchange.saga.cases import Case, cases
from exchange.saga.deciding import Action, Proposal, allowed_actions, approve, assign, proposal, propose, reject
from exchange.saga.errand_rows import errands_by_id, errands_of
from exchange.saga.errands import exchange_of
from exchange.saga.errors import UnknownExchange
from exchange.saga.evidence import evidence_of
from exchange.saga.histories import latest_exchanges, lives
from exchange.saga.reversing import ReversalRequest, approve_reversal, propose_reversal, reject_reversal
from exchange.saga.telling import tell
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from webhooks import WebhookOutbox


def _exchange_named(text: str) -> UUID:
    """An exchange by any name that people are shown. Raises typer.BadParameter."""
    found = exchange_of(text.lower())
    if found is not None:
        return found
    with suppress(ValueError):
        return UUID(text)
    with suppress(ValueError):
        kind, _, key = b64decode(text, validate=True).decode("ascii").partition(":")
        if kind == "Exchange":
            return UUID(key)
    message = "give an id of `agio exchange list`, of the graph or a webhook, or a reference that a brand was sent."
    raise typer.BadParameter(message)


ExchangeId = Annotated[
    UUID,
    typer.Argument(
        help="`agio exchange list`; or the graph's id, or the reference that a brand was sent.",
        parser=_exchange_named,
        metavar="EXCHANGE",
    ),
]
CaseId = Annotated[UUID, typer.Argument(help="The case's id: `agio exchange cases`.")]
ReversalId = Annotated[UUID, typer.Argument(help="The reversal's id: `agio exchange show`.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
Digest = Annotated[str, typer.Option(help="Of what was proposed and seen: `agio exchange show`.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Exchanges, the manual queue, and taking exchanges back.",
        no_args_is_help=True,
        epilog="Example: agio exchange list --state MANUAL",
    )
    group.command("list", epilog="Example: agio exchange list --state MANUAL --json")(list_exchanges)
    group.command("show", epilog="Example: agio exchange show 0190… --json")(show_exchange)
    group.command("cases", epilog="Example: agio exchange cases")(list_cases)
    group.command("assign", epilog="Example: agio exchange assign 0190… --to lin.wei --as chen.yu")(assign_case)
    group.command("resolve", epilog="Example: agio exchange resolve 0190… CONFIRM_DONE --as lin.wei --reason seen")(
        resolve
    )
    group.command("approve", epilog="Example: agio exchange approve 0190… --as chen.yu --digest 3f9a… --reason seen")(
        approve_case
    )
    group.command("reject", epilog="Example: agio exchange reject 0190… --as chen.yu --reason 'not in their books'")(
        reject_case
    )
    group.command("reverse", epilog="Example: agio exchange reverse 0190… --as lin.wei --reason 'a mistake'")(
        reverse_exchange
    )
    group.command("approve-reversal", epilog="Example: agio exchange approve-reversal 0190… --as chen.yu …")(
        approve_the_reversal
    )
    group.command("reject-reversal", epilog="Example: agio exchange reject-reversal 0190… --as chen.yu …")(
        reject_the_reversal
    )
    app.add_typer(group, name="exchange")


def list_exchanges(
    *,
    state: Annotated[list[exchange.State] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the latest exchanges, newest first."""

    async def work(database: Database, _: Settings) -> list[dict[str, Any]]:
        async with database.connection() as connection:
            known = await directory(connection)
            found = await latest_exchanges(connection, states=state or None, count=count)
            return [_line(known, it) for it in found]

    show(run_on_books(work), as_json=as_json, empty="No exchanges.")


def show_exchange(exchange_id: ExchangeId, *, as_json: AsJson = False) -> None:
    """Show one exchange: its life, every call to a brand and its answer, its cases and reversals."""

    async def work(database: Database, _: Settings) -> dict[str, Any] | UnknownExchange:
        async with database.connection() as connection:
            found = (await exchange.exchanges_by_id(connection, [exchange_id])).get(exchange_id)
            return await _whole(connection, found) if found else UnknownExchange()

    shown = run_on_books(work)
    if isinstance(shown, UnknownExchange):
        refuse(shown)
    if as_json:
        show_json(shown)
        return
    say(f"{shown['id']}: {shown['source']} for {shown['target']}, {shown['state']}. {shown['message']}")
    for part in ("life", "calls", "cases", "reversals"):
        say(f"\n{part.capitalize()}")
        show(shown[part], as_json=False, empty="None.")


def list_cases(
    *,
    closed: Annotated[bool, typer.Option("--closed", help="What was settled as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the manual queue, what is due first first."""

    async def work(database: Database, _: Settings) -> list[dict[str, Any]]:
        async with database.connection() as connection:
            return await _cases(connection, await cases(connection, closed=closed))

    show(run_on_books(work), as_json=as_json, empty="The manual queue is empty.")


def assign_case(
    case_id: CaseId,
    to: Annotated[str, typer.Option("--to", help="The new owner.")],
    who: Who,
    *,
    as_json: AsJson = False,
) -> None:
    """Give a case to somebody."""
    del who
    _show_case(run_on_books(lambda database, _: assign(database, case_id, owner=to)), as_json=as_json)


def resolve(
    case_id: CaseId,
    action: Annotated[Action, typer.Argument(help="What is to be done; `agio exchange cases` says what may be.")],
    who: Who,
    reason: Reason,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose how a case ends. Asking the brand again is done at once; anything else waits for a second person."""
    outcome = run_on_books(lambda database, _: propose(database, case_id, action, subject=who, reason=reason))
    if isinstance(outcome, Proposal):
        show([{"action": outcome.action.value, "digest": outcome.digest, "by": outcome.proposed_by}], as_json=as_json)
        return
    _show_case(outcome, as_json=as_json)


def approve_case(case_id: CaseId, who: Who, digest: Digest, reason: Reason, *, as_json: AsJson = False) -> None:
    """Do what another person proposed, on exactly the same evidence."""
    outcome = run_on_books(
        lambda database, _: approve(
            database, case_id, subject=who, digest=digest, reason=reason, outbox=WebhookOutbox(database.clock)
        )
    )
    _show_case(outcome, as_json=as_json)


def reject_case(case_id: CaseId, who: Who, reason: Reason, *, as_json: AsJson = False) -> None:
    """Drop what was proposed about a case."""
    _show_case(run_on_books(lambda database, _: reject(database, case_id, subject=who, reason=reason)), as_json=as_json)


def reverse_exchange(
    exchange_id: ExchangeId,
    who: Who,
    reason: Reason,
    *,
    taken: Annotated[str | None, typer.Option(help="Of the target's points; left out: all that is left.")] = None,
    key: Annotated[str, typer.Option(help="Once per reversal; sent again, it brings the same one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Propose to take back a completed exchange, whole or in part; a second person approves."""

    async def work(database: Database, _: Settings) -> tuple[exchange.Reversal | Refusal, int]:
        async with database.connection() as connection:
            found = (await exchange.exchanges_by_id(connection, [exchange_id])).get(exchange_id)
            known = await directory(connection)
        if found is None:
            return UnknownExchange(), 0
        scale = known.programs[found.target.program_id].scale
        minor = None if taken is None else _minor(taken, scale)
        request = ReversalRequest(exchange_id, who, key or f"{exchange_id} {taken or 'all'}", reason, minor)
        return await propose_reversal(database, request), scale

    outcome, scale = run_on_books(work)
    _show_reversal(outcome, scale, as_json=as_json)


def approve_the_reversal(
    reversal_id: ReversalId, who: Who, digest: Digest, reason: Reason, *, as_json: AsJson = False
) -> None:
    """Carry out a reversal that another person proposed."""
    outcome = run_on_books(
        lambda database, _: approve_reversal(
            database, reversal_id, subject=who, digest=digest, reason=reason, outbox=WebhookOutbox(database.clock)
        )
    )
    _show_reversal(outcome, 0, as_json=as_json)


def reject_the_reversal(reversal_id: ReversalId, who: Who, reason: Reason, *, as_json: AsJson = False) -> None:
    """Drop a reversal that was proposed."""
    outcome = run_on_books(lambda database, _: reject_reversal(database, reversal_id, subject=who, reason=reason))
    _show_reversal(outcome, 0, as_json=as_json)


def _minor(text: str, scale: int) -> int:
    try:
        return parse_amount(text, scale)
    except AmountError as error:
        message = f"{text!r} is no amount of these points: {error}"
        raise typer.BadParameter(message, param_hint="--taken") from error


def _show_case(outcome: Case | Refusal, *, as_json: bool) -> None:
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show([_case(outcome)], as_json=as_json)


def _show_reversal(outcome: exchange.Reversal | Refusal, scale: int, *, as_json: bool) -> None:
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show([_reversal(outcome, scale)], as_json=as_json)


def _line(known: Directory, found: exchange.Exchange) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "state": found.state.value,
        "source": _points(known, found.source, found.conversion.source),
        "target": _points(known, found.target, found.conversion.target),
        "accepted_at": found.accepted_at,
    }


def _points(known: Directory, side: exchange.Side, minor: int) -> str:
    program = known.programs[side.program_id]
    return f"{format_amount(minor, program.scale)} {program.code}"


async def _whole(connection: Connection, found: exchange.Exchange) -> dict[str, Any]:
    known = await directory(connection)
    errands = (await errands_of(connection, [found.id])).get(found.id, [])
    reversals = (await exchange.reversals_of(connection, [found.id])).get(found.id, [])
    told = tell(found, errands, reversals, SystemClock().now())
    scale = known.programs[found.target.program_id].scale
    return {
        **_line(known, found),
        "message": told.message,
        "next_look_at": told.next_look_at,
        "life": [
            {"state": step.state.value, "recorded_at": step.recorded_at}
            for step in (await lives(connection, [found.id])).get(found.id, [])
        ],
        "calls": [
            {
                "what": f"{it.mode.value.lower()} {it.role.value.lower()}",
                "called_at": it.called_at,
                "answer": it.answer,
                "failure": it.failure,
                "brand_reference": it.brand_reference,
                "message": it.message,
                "reference": it.reference,
            }
            for it in await evidence_of(connection, found.id)
        ],
        "cases": await _cases(connection, await cases(connection, [found.id], closed=True)),
        "reversals": [_reversal(it, scale) for it in reversals],
    }


async def _cases(connection: Connection, found: Sequence[Case]) -> list[dict[str, Any]]:
    errands = await errands_by_id(connection, [case.errand_id for case in found])
    return [
        {
            **_case(case),
            "actions": " ".join(allowed_actions(case, errands[case.errand_id])),
            "proposed": waiting.action.value if (waiting := await proposal(connection, case.id)) else None,
            "digest": waiting.digest if waiting else None,
        }
        for case in found
    ]


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": str(case.id),
        "exchange": str(case.exchange_id),
        "kind": case.kind.value,
        "reason": case.reason,
        "owner": case.owner,
        "due_at": case.due_at,
        "closed_as": case.closed_as,
    }


def _reversal(found: exchange.Reversal, scale: int) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "state": found.state.value,
        "taken": format_amount(found.part.target, scale),
        "requested_by": found.requested_by,
        "decided_by": found.decided_by,
        "failure": found.failure,
        "digest": found.digest,
    }
