"""`agio rate`: prices of programs and pairs, changed by two persons."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import typer

import brands
from brands import pricing
from brands.config.leaves import MONEY_SCALE
from brands.rate import Fee, Terms
from core.amounts import AmountError, format_amount, parse_amount
from core.database import Connection, Database
from core.errors import Refusal
from core.persons import Actor
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run_on_books

Program = Annotated[str, typer.Argument(help="The code of the program, or of the pair's source.")]
Target = Annotated[str | None, typer.Option("--to", help="The code of the pair's target; without: own prices.")]
Number = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The proposal's number.")]
Reason = Annotated[str, typer.Option(help="Kept with the step.")]
Instant = Annotated[str | None, typer.Option(help="As 2026-02-01T00:00:00+08:00; without a zone: UTC.")]
Step: TypeAlias = Callable[[Database], Awaitable[pricing.Proposal | Refusal]]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Prices of points, changed by two persons.", no_args_is_help=True, epilog="Example: agio rate list"
    )
    group.command("list", epilog="Example: agio rate list --json")(list_rates)
    group.command(epilog="Example: agio rate history AURORA --at 2026-02-01T00:00:00+08:00")(history)
    group.command(epilog="Example: agio rate submit AURORA --sell 0.049 --buy 0.056 --fee-bp 100 --as lin.wei")(submit)
    group.command("end", epilog="Example: agio rate end AURORA --to KOPI --as lin.wei")(end_pair)
    group.command(epilog="Example: agio rate approve 7 --digest 3f9a… --reason agreed --as chen.yu")(approve)
    group.command(epilog="Example: agio rate reject 7 --reason 'too low' --as chen.yu")(reject)
    group.command(epilog="Example: agio rate pause AURORA --to KOPI --reason 'a doubt' --as lin.wei")(pause)
    group.command(epilog="Example: agio rate resume 01a2… --reason cleared --as lin.wei")(resume)
    app.add_typer(group, name="rate")


def list_rates(*, as_json: AsJson = False) -> None:
    """List the prices in force or planned, the pauses, and what waits for a second person."""

    async def work(database: Database, _: Settings) -> tuple[brands.Directory, list[pricing.Proposal]]:
        async with database.connection() as connection:
            return await brands.directory(connection), await pricing.proposals(connection, only_open=True)

    known, waiting = run_on_books(work)
    now = datetime.now(UTC)  # noqa: TID251 - what a person is shown
    timelines = sorted(known.prices.timelines.items(), key=lambda item: _codes(known, *item[0]))
    rates = [_rate(known, rate) for _, rates in timelines for rate in rates if rate.holds_after(now)]
    pauses = [
        {
            "pause": found.id,
            "source": _code(known, found.source_id) or "*",
            "target": _code(known, found.target_id) or "*",
            "reason": found.reason,
            "since": found.since,
        }
        for found in known.prices.pauses
    ]
    proposals = [_proposal(known, proposal) for proposal in waiting]
    if as_json:
        show_json({"rates": rates, "pauses": pauses, "proposals": proposals})
        return
    show([_brief(row, "valid_from") for row in rates], as_json=False, empty="No prices.")
    waiting_rows = [{"number": row["number"], **_brief(row, "kind", "takes_effect", "digest")} for row in proposals]
    for title, rows in (("Stopped:", pauses), ("Waiting for a second person:", waiting_rows)):
        if rows:
            say(f"\n{title}")
            show(rows, as_json=False)


def history(program: Program, target: Target = None, at: Instant = None, *, as_json: AsJson = False) -> None:
    """List every version of a price, the latest first; with --at only the one that was in force then."""
    instant = _instant(at)

    async def work(database: Database, _: Settings) -> tuple[brands.Directory, list[brands.Rate]] | Refusal:
        async with database.connection() as connection:
            return await _history(connection, program, target, instant)

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    known, rates = found
    show([_rate(known, rate) for rate in rates], as_json=as_json, empty="No price was in force then.")


def submit(  # noqa: PLR0913, PLR0917 - each is an option
    program: Program,
    who: Who,
    sell: Annotated[str, typer.Option(help="CNY for a point given up.")],
    buy: Annotated[str, typer.Option(help="CNY for a point received: of the program, or of the pair's target.")],
    fee_bp: Annotated[int, typer.Option(help="The operator's fee in basis points.")],
    target: Target = None,
    fee_fixed: Annotated[str, typer.Option(help="CNY for each exchange, on top.")] = "0",
    tier: Annotated[list[str] | None, typer.Option(help="A tier's own fee: gold=50 or gold=50,0.30.")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="When it begins, not in the past; without: when approved.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="When what was in force before comes back.")] = None,
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Put a price before a second person, in place of what waits for the same program or pair."""
    texts = _Texts(sell, buy, fee_bp, fee_fixed, tuple(tier or ()))
    window = _instant(begin), _instant(until)

    async def step(database: Database) -> pricing.Proposal | Refusal:
        async with database.connection() as connection:
            known = await brands.directory(connection)
        terms = texts.terms(known, program, target)
        if isinstance(terms, Refusal):
            return terms
        return await pricing.submit(
            database, pricing.PriceChange(program, target, terms, *window), Actor(who), reason=reason
        )

    _take(step, as_json=as_json)


def end_pair(
    program: Program,
    who: Who,
    target: Annotated[str, typer.Option("--to", help="The code of the pair's target.")],
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Put before a second person that a pair is to lose its special price."""
    _take(lambda db: pricing.end_pair(db, program, target, Actor(who), reason=reason), as_json=as_json)


def approve(
    number: Number,
    who: Who,
    reason: Reason,
    digest: Annotated[str, typer.Option(help="Of the proposal as seen: `agio rate list`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring exactly the proposal with this digest into force."""
    _take(lambda db: pricing.approve(db, number, Actor(who), digest=digest, reason=reason), as_json=as_json)


def reject(number: Number, who: Who, reason: Reason, *, as_json: AsJson = False) -> None:
    """Send a proposal back."""
    _take(lambda db: pricing.reject(db, number, Actor(who), reason=reason), as_json=as_json)


def pause(
    who: Who,
    reason: Reason,
    source: Annotated[str | None, typer.Argument(help="The source; without: any program.")] = None,
    target: Target = None,
) -> None:
    """Stop exchanges of a pair, out of a program or into one, at once."""

    async def work(database: Database, _: Settings) -> object:
        return await pricing.pause(database, source, target, Actor(who), reason=reason)

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    say(f"Exchanges {source or '*'} → {target or '*'} are stopped.")


def resume(
    pause_id: Annotated[UUID, typer.Argument(help="Which pause: `agio rate list`.")],
    who: Who,
    reason: Reason,
    *,
    as_json: AsJson = False,
) -> None:
    """Put before a second person that exchanges are to go on."""
    _take(lambda db: pricing.resume(db, pause_id, Actor(who), reason=reason), as_json=as_json)


class _Texts:
    """Prices and fees as they were typed."""

    def __init__(self, sell: str, buy: str, fee_bp: int, fee_fixed: str, tiers: tuple[str, ...]) -> None:
        self.sell, self.buy, self.fee_bp, self.fee_fixed = sell, buy, fee_bp, fee_fixed
        self.tiers = [_tier(text) for text in tiers]

    def terms(self, known: brands.Directory, program: str, target: str | None) -> Terms | pricing.NoSuchProgram:
        """In micro-CNY per minor unit. Raises typer.BadParameter."""
        source, other = known.program(program), known.program(target or program)
        if source is None or other is None:
            return pricing.NoSuchProgram(program if source is None else str(target))
        fixed = _micro("--fee-fixed", self.fee_fixed, 0)
        tiers = {tier: Fee(bp, _micro("--tier", text, 0)) for tier, bp, text in self.tiers}
        sell, buy = _micro("--sell", self.sell, source.scale), _micro("--buy", self.buy, other.scale)
        return Terms(sell, buy, self.fee_bp, fixed, tiers)


def _tier(text: str) -> tuple[str, int, str]:
    code, _, fee = text.partition("=")
    bp, _, fixed = fee.partition(",")
    if not code or not bp.isascii() or not bp.isdigit():
        message = f"{text!r} is no fee of a tier: write gold=50 or gold=50,0.30"
        raise typer.BadParameter(message)
    return code, int(bp), fixed or "0"


def _micro(option: str, text: str, scale: int) -> int:
    try:
        return parse_amount(text, MONEY_SCALE - scale)
    except AmountError as error:
        message = f"{option}: {error}"
        raise typer.BadParameter(message) from error


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no instant: write 2026-02-01T00:00:00+08:00"
        raise typer.BadParameter(message) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def _history(
    connection: Connection, program: str, target: str | None, instant: datetime | None
) -> tuple[brands.Directory, list[brands.Rate]] | pricing.NoSuchProgram:
    known = await brands.directory(connection)
    source, other = known.program(program), known.program(target or program)
    if source is None or other is None:
        return pricing.NoSuchProgram(program if source is None else str(target))
    return known, await brands.rate_history(connection, source.id, other.id if target else None, at=instant)


def _take(step: Step, *, as_json: bool) -> None:
    async def work(database: Database, _: Settings) -> tuple[brands.Directory, pricing.Proposal] | Refusal:
        found = await step(database)
        if isinstance(found, Refusal):
            return found
        async with database.connection() as connection:
            return await brands.directory(connection), found

    outcome = run_on_books(work)
    if isinstance(outcome, Refusal):
        refuse(outcome)
    show([_proposal(*outcome)], as_json=as_json)


def _code(known: brands.Directory, program_id: UUID | None) -> str | None:
    return None if program_id is None else known.programs[program_id].code


def _codes(known: brands.Directory, source_id: UUID, target_id: UUID | None) -> tuple[str, str]:
    return known.programs[source_id].code, _code(known, target_id) or ""


def _terms(known: brands.Directory, terms: Terms, source_id: UUID, target_id: UUID | None) -> dict[str, object]:
    source, bought = known.programs[source_id], known.programs[target_id or source_id]
    fees = [("", Fee(terms.fee_bp, terms.fee_fixed_micro)), *terms.tier_fees.items()]
    return {
        "sell": format_amount(terms.sell_micro, MONEY_SCALE - source.scale),
        "buy": format_amount(terms.buy_micro, MONEY_SCALE - bought.scale),
        "fees": ", ".join(f"{tier or 'all'} {_fee(fee)}" for tier, fee in fees),
    }


def _fee(fee: Fee) -> str:
    fixed = format_amount(fee.fixed_micro, MONEY_SCALE).rstrip("0")
    return f"{fee.bp} bp + {fixed}" if fee.fixed_micro else f"{fee.bp} bp"


def _brief(row: dict[str, object], *keys: str) -> dict[str, object]:
    """As much as fits a line of a terminal."""
    pair = f"{row['program']} → {row['to']}" if row["to"] else row["program"]
    return {"price": pair, "sell": row["sell"], "buy": row["buy"], "fees": row["fees"], **{k: row[k] for k in keys}}


def _rate(known: brands.Directory, rate: brands.Rate) -> dict[str, object]:
    return {
        "program": _code(known, rate.program_id),
        "to": _code(known, rate.target_id),
        "version": rate.version,
        **_terms(known, rate, rate.program_id, rate.target_id),
        "valid_from": rate.valid_from,
        "valid_to": rate.valid_to,
        "submitted_by": rate.submitted_by,
        "approved_by": rate.approved_by,
    }


def _takes_effect(proposal: pricing.Proposal) -> object:
    if proposal.decision not in {None, pricing.Decision.APPROVED}:
        return None
    now = datetime.now(UTC)  # noqa: TID251 - what a person is shown
    return proposal.takes_effect_at(now) or "when approved"


def _proposal(known: brands.Directory, proposal: pricing.Proposal) -> dict[str, object]:
    matter = proposal.matter
    terms = _terms(known, matter.terms, matter.program_id, matter.target_id) if matter.terms else {}
    return {
        "number": proposal.number,
        "kind": matter.kind.value,
        "program": _code(known, matter.program_id),
        "to": _code(known, matter.target_id),
        "sell": terms.get("sell"),
        "buy": terms.get("buy"),
        "fees": terms.get("fees"),
        "valid_from": matter.valid_from,
        "valid_to": matter.valid_to,
        "takes_effect": _takes_effect(proposal),
        "moved_bp": proposal.moved_bp,
        "submitted_by": proposal.submitted_by,
        "decision": proposal.decision and proposal.decision.value,
        "decided_by": proposal.decided_by,
        "digest": proposal.digest,
    }
