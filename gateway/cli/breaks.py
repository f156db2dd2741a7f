"""`agio breaks`: what brands' statements and our books do not agree on."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, TypeAlias
from uuid import UUID

import typer

from brands import Directory, directory
from brands.pricing.errors import NoSuchProgram
from core.amounts import AmountError, format_amount, parse_amount
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli.break_lines import line_row, scales, stated_rows
from gateway.cli.persons import Who, person
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from settlement import Actor, window_numbered
from settlement.cash.proposals import Proposal, Verdict
from settlement.cash.retracting import retract as take_back
from settlement.reconciliation.accepting import accept_suggestion, suggested_for
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.breaks import AgeBand, Break, BreakState, age_band
from settlement.reconciliation.disputing import propose_dispute, propose_dispute_end
from settlement.reconciliation.errors import NothingToMatch, UnknownBrand
from settlement.reconciliation.finding import LIMIT_MAX, BreakPage, Place, Wanted, find_page
from settlement.reconciliation.late import case_of
from settlement.reconciliation.pending import proposed_about, waiting_for
from settlement.reconciliation.replaced import replacements
from settlement.reconciliation.resolving import decide, propose_match, propose_write_off
from settlement.reconciliation.work_list import (
    BreakHistory,
    assign,
    attach,
    break_history,
    comment,
    explain,
    wait,
)

MICRO_DECIMALS: Final = 6
DAY: Final = "%Y-%m-%d"

Id = Annotated[UUID, typer.Argument(help="The break's id, as `agio breaks list` tells it.")]
ProposalId = Annotated[UUID, typer.Argument(help="As `agio breaks resolve` and `agio breaks show` tell it.")]
Why = Annotated[str, typer.Option("--reason", help="For the break's history.")]


class AgeName(StrEnum):
    """For how long it has been open, in days."""

    UP_TO_7_DAYS = "7"
    UP_TO_30_DAYS = "30"
    UP_TO_90_DAYS = "90"
    OVER_90_DAYS = "older"


class How(StrEnum):
    """The ways in which a break is resolved."""

    WAIT = "wait"
    """One person: until --until."""
    EVIDENCE = "evidence"
    """One person: the reason is the evidence."""
    SUGGESTION = "suggestion"
    """One person: matched with --with, of the same amount."""
    MATCH = "match"
    """Two persons: matched as the lines stand, with those of --with."""
    WRITE_OFF = "write-off"
    """Two persons: of --amount."""
    DISPUTE = "dispute"
    """Two persons: of --amount."""
    DISPUTE_WON = "dispute-won"
    """Two persons: all of it, or --amount, and the rest is lost."""
    DISPUTE_LOST = "dispute-lost"
    """Two persons."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="What brands' statements and our books do not agree on.",
        no_args_is_help=True,
        epilog="Example: agio breaks list --program MILES",
    )
    group.command("list", epilog="Example: agio breaks list --kind AMOUNT --json")(list_breaks)
    group.command("show", epilog="Example: agio breaks show 0198…")(show_break)
    group.command("assign", epilog="Example: agio breaks assign 0198… chen.yu --as lin.wei --reason holiday")(
        assign_break
    )
    group.command("comment", epilog="Example: agio breaks comment 0198… 'called the brand' --as lin.wei")(comment_break)
    group.command(
        "resolve", epilog="Example: agio breaks resolve 0198… write-off --amount 6.00 --as lin.wei --reason small"
    )(resolve)
    group.command("approve", epilog="Example: agio breaks approve 0199… --digest 3f9a… --as chen.yu --reason checked")(
        approve
    )
    group.command("retract", epilog="Example: agio breaks retract 0199… --as lin.wei --reason 'wrong amount'")(retract)
    group.command("reject", epilog="Example: agio breaks reject 0199… --as chen.yu --reason 'ask first'")(reject)
    app.add_typer(group, name="breaks")


def list_breaks(  # noqa: PLR0913 - one for each option
    program: Annotated[str | None, typer.Option(help="Only this program's.")] = None,
    kind: Annotated[BreakKind | None, typer.Option(help="Only of this kind.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only this owner's.")] = None,
    state: Annotated[BreakState, typer.Option(help="Where they stand.")] = BreakState.OPEN,
    *,
    brand: Annotated[str | None, typer.Option(help="Only of this brand's programs, and those below it.")] = None,
    age: Annotated[AgeName | None, typer.Option(help="Only as old.")] = None,
    window: Annotated[int | None, typer.Option(help="Only with a line of the days of this window.")] = None,
    due_before: Annotated[datetime | None, typer.Option(formats=[DAY], help="Only what is due before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="On one page.")] = 50,
    after: Annotated[str | None, typer.Option(help="The next page: what the page before named.")] = None,
    disputed: Annotated[bool, typer.Option("--disputed", help="Only what is disputed, and since when.")] = False,
    as_json: AsJson = False,
) -> None:
    """List breaks, the largest value at risk first, then the oldest, a page at a time."""

    async def work(database: Database, _: Settings) -> tuple[list[dict[str, object]], BreakPage] | Refusal:
        async with database.connection() as connection:
            known = await directory(connection)
        programs = _programs(known, program, brand)
        if isinstance(programs, Refusal):
            return programs
        settling = None if window is None else await window_numbered(database, window)
        if isinstance(settling, Refusal):
            return settling
        wanted = Wanted(
            state,
            programs,
            owner,
            kind,
            due_before.date() if due_before else None,
            AgeBand[age.name] if age else None,
            settling.id if settling else None,
            disputed or None,
        )
        page = await find_page(database, wanted, first=limit, after=_place(after))
        if isinstance(page, Refusal):
            return page
        now, waiting = database.clock.now(), await waiting_for(database, [it.id for it in page.breaks])
        rows = [
            _row(it, known, now) | (_disputed(it, now) if disputed else {}) | _waiting(waiting.get(it.id))
            for it in page.breaks
        ]
        return rows, page

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    rows, page = found
    show(rows, as_json=as_json, empty="No breaks.")
    if page.count and not as_json:
        say(f"{page.count:,} in all, CNY {format_amount(page.at_risk_micro, MICRO_DECIMALS)} at risk.")
    if page.more:
        complain(f"More follow: --after {Place.of(page.breaks[-1])}")


def show_break(break_id: Id, *, as_json: AsJson = False) -> None:
    """Show a break with its lines, its history and what may be its other half."""

    async def work(database: Database, _: Settings) -> dict[str, object] | Refusal:
        async with database.connection() as connection:
            known = await directory(connection)
        found = await break_history(database, break_id)
        if not isinstance(found, BreakHistory):
            return found
        suggested = await suggested_for(database, break_id)
        late = found.item.exchange_id
        async with database.connection() as connection:
            case_id = await case_of(connection, late) if late else None
        shown = _content(found, suggested if isinstance(suggested, list) else [], known, database.clock.now())
        shown |= {"theirs": stated_rows(found.item, await replacements(database, [found.item]), scales(known))}
        shown |= {"proposals": [_proposal(it) for it in await proposed_about(database, break_id)]}
        return shown | ({"exchange": late, "exchange_case": case_id} if late else {})

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    if as_json:
        show_json(found)
    else:
        _describe(found)


def assign_break(
    break_id: Id,
    owner: Annotated[str, typer.Argument(callback=person, help="Who.")],
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Make somebody else its owner."""
    _step(lambda database: assign(database, break_id, Actor(who), Actor(owner), reason=reason), as_json=as_json)


def comment_break(
    break_id: Id,
    text: Annotated[str, typer.Argument(help="The remark, or what the evidence is and where it lies.")],
    who: Who,
    *,
    evidence: Annotated[bool, typer.Option(help="It is evidence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a remark or evidence to an open break."""
    add = attach if evidence else comment
    _step(lambda database: add(database, break_id, Actor(who), text), as_json=as_json)


def resolve(
    break_id: Id,
    how: Annotated[How, typer.Argument(help="In which way.")],
    who: Who,
    reason: Why,
    until: Annotated[datetime | None, typer.Option(formats=[DAY], help="With wait: the day.")] = None,
    other: Annotated[list[UUID] | None, typer.Option("--with", help="With suggestion and match: other breaks.")] = None,
    amount: Annotated[
        str | None, typer.Option(help="With write-off, dispute and, for a part, dispute-won: CNY.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Resolve a break, or propose to: what gives up lines or money waits for `agio breaks approve`."""
    others, micro = tuple(other or ()), _micro(amount)
    if how is How.WAIT and until is None:
        message = "Say until when."
        raise typer.BadParameter(message, param_hint="--until")

    async def work(database: Database) -> Break | list[Break] | Proposal | Refusal:
        actor = Actor(who)
        alone: Mapping[How, Callable[[], Awaitable[Break | list[Break] | Proposal | Refusal]]] = {
            How.WAIT: lambda: wait(database, break_id, actor, until.date() if until else date.max, reason=reason),
            How.EVIDENCE: lambda: explain(database, break_id, actor, reason),
            How.SUGGESTION: lambda: _accept(database, (break_id, *others), actor, reason),
            How.MATCH: lambda: propose_match(database, [break_id, *others], actor, reason=reason),
            How.WRITE_OFF: lambda: propose_write_off(database, break_id, micro, actor, reason=reason),
            How.DISPUTE: lambda: propose_dispute(database, break_id, micro, actor, reason=reason),
            How.DISPUTE_WON: lambda: propose_dispute_end(
                database, break_id, actor, won_micro=micro if amount else None, reason=reason
            ),
            How.DISPUTE_LOST: lambda: propose_dispute_end(database, break_id, actor, won_micro=0, reason=reason),
        }
        return await alone[how]()

    _step(work, as_json=as_json)


def approve(
    proposal_id: ProposalId,
    digest: Annotated[str, typer.Option(help="Of the proposal seen: `agio breaks show`.")],
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve exactly the proposal with this digest, as another person than its proposer."""
    said = {"digest": digest, "reason": reason}
    _step(lambda db: decide(db, proposal_id, Actor(who), Verdict.APPROVED, **said), as_json=as_json)


def reject(
    proposal_id: ProposalId,
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Reject a proposal about a break."""
    _step(lambda db: decide(db, proposal_id, Actor(who), Verdict.REJECTED, digest=None, reason=reason), as_json=as_json)


def retract(proposal_id: ProposalId, who: Who, reason: Why, *, as_json: AsJson = False) -> None:
    """Take a proposal of one's own about a break back, before anybody has decided on it."""
    _step(lambda db: take_back(db, proposal_id, Actor(who), reason=reason), as_json=as_json)


_Outcome: TypeAlias = Break | list[Break] | Proposal | Refusal


def _step(step: Callable[[Database], Awaitable[_Outcome]], *, as_json: bool = False) -> None:
    async def work(database: Database, _: Settings) -> dict[str, object] | Refusal:
        found = await step(database)
        async with database.connection() as connection:
            known = await directory(connection)
        if isinstance(found, Proposal):
            return _proposal(found)
        if isinstance(found, Refusal):
            return found
        return _row(found[0] if isinstance(found, list) else found, known, database.clock.now())

    outcome = run_on_books(work)
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show([outcome], as_json=as_json)


def _programs(known: Directory, program: str | None, brand: str | None) -> frozenset[UUID] | Refusal | None:
    """The programs with this code, and of this brand or below it; None: all."""
    if program is None and brand is None:
        return None
    found = known.brand(brand) if brand is not None else None
    if brand is not None and found is None:
        return UnknownBrand(brand)
    if program is not None and known.program(program) is None:
        return NoSuchProgram(program)
    below = known.descendants(found.id) if found else frozenset()
    wanted = (it for it in known.programs.values() if program in {None, it.code})
    return frozenset(it.id for it in wanted if brand is None or it.brand_id in below)


def _place(text: str | None) -> Place | None:
    try:
        return None if text is None else Place.read(text)
    except ValueError as error:
        message = "That is not what a page named."
        raise typer.BadParameter(message, param_hint="--after") from error


def _disputed(it: Break, now: datetime) -> dict[str, object]:
    since = it.disputed_at
    disputed_age = age_band(since, now).value if since else ""
    return {"disputed_cny": format_amount(it.disputed, MICRO_DECIMALS), "disputed_age": disputed_age}


async def _accept(database: Database, ids: tuple[UUID, ...], actor: Actor, reason: str) -> list[Break] | Refusal:
    return NothingToMatch() if len(ids) != 2 else await accept_suggestion(database, ids, actor, reason=reason)  # noqa: PLR2004 - a pair


def _micro(amount: str | None) -> int:
    try:
        return parse_amount(amount or "0", MICRO_DECIMALS)
    except AmountError as error:
        raise typer.BadParameter(str(error), param_hint="--amount") from error


def _row(it: Break, known: Directory, now: datetime) -> dict[str, object]:
    return {
        "id": it.id,
        "program": known.programs[it.program_id].code,
        "kind": it.kind.value,
        "state": it.state.value,
        "at_risk_cny": format_amount(it.at_risk, MICRO_DECIMALS),
        "owner": it.owner,
        "age": age_band(it.opened_at, now).value,
        "due_on": it.due_on,
        "next_step": it.next_step if it.state is BreakState.OPEN else "",
    }


def _content(found: BreakHistory, suggested: list[Break], known: Directory, now: datetime) -> dict[str, object]:
    it, decimals = found.item, scales(known)
    return _row(it, known, now) | {
        "at_stake_cny": format_amount(it.at_stake, MICRO_DECIMALS),
        "disputed_cny": format_amount(it.disputed, MICRO_DECIMALS),
        "disputed_since": it.disputed_at,
        "ours": [line_row("ours", line, decimals) for line in it.ours],
        "events": [
            {"recorded_at": each.recorded_at, "kind": each.kind.value, "actor": each.actor, "text": each.text}
            for each in found.events
        ],
        "suggestions": [_row(each, known, now) for each in suggested],
    }


def _proposal(it: Proposal) -> dict[str, object]:
    micro = it.content.get("won_micro", it.content.get("amount_micro"))
    return {
        "proposal": it.id,
        "kind": it.kind.value,
        "amount_cny": None if micro is None else format_amount(abs(int(micro)), MICRO_DECIMALS),
        "proposed_by": it.proposed_by,
        "proposed_reason": it.proposed_reason,
        "verdict": None if it.verdict is None else it.verdict.value,
        "decided_by": it.decided_by,
        "decided_reason": it.decided_reason,
        "digest": it.digest,
    }


def _waiting(it: Proposal | None) -> dict[str, object]:
    return {"waits_for_approval": "" if it is None else f"{it.kind} {it.id} by {it.proposed_by}"}


def _describe(found: dict[str, object]) -> None:
    tables = ("ours", "theirs", "events", "proposals", "suggestions")
    for name, value in found.items():
        if name not in tables:
            say(f"{name.replace('_', ' ')}: {'' if value is None else value}".rstrip())
    for name in tables:
        rows = found[name]
        assert isinstance(rows, list)
        if rows:
            say(f"\n{name}")
            show(rows, as_json=False)
