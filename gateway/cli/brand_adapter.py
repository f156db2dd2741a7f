"""`agio brand adapter`: how programs' points are reached, changed by two persons."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

import brands
from brands import connecting, pricing
from brands.certifications import adapter_digest
from brands.change import Change
from core.database import Database
from core.errors import Refusal
from core.persons import Actor
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run_on_books

EXAMPLE = "Example: agio brand adapter show HARBOUR > harbour.toml"

_Program = Annotated[str, typer.Argument(help="The program's code.")]
_Number = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The proposal's number.")]
_Reason = Annotated[str, typer.Option(help="Kept with the step.")]
Step: TypeAlias = Callable[[Database], Awaitable[connecting.Proposal | Refusal]]


def adapter_group() -> typer.Typer:
    """The commands."""
    group = typer.Typer(
        help="How programs' points are reached, changed by two persons.", no_args_is_help=True, epilog=EXAMPLE
    )
    group.command("show", epilog=EXAMPLE)(show_adapter)
    group.command(epilog="Example: agio brand adapter submit HARBOUR harbour.toml --dry-run --as lin.wei")(submit)
    group.command("list", epilog="Example: agio brand adapter list --all --json")(list_proposals)
    group.command(epilog="Example: agio brand adapter approve 7 --digest 3f9a… --reason agreed --as chen.yu")(approve)
    group.command(epilog="Example: agio brand adapter reject 7 --reason 'too fast' --as chen.yu")(reject)
    return group


def show_adapter(program: _Program, *, as_json: AsJson = False) -> None:
    """Print the configuration in force as TOML that can be submitted changed; of its secrets the names, no values."""

    async def work(database: Database, _: Settings) -> dict[str, Any] | Refusal:
        async with database.connection() as connection:
            known = await brands.directory(connection)
            found = known.program(program)
            if found is None:
                return pricing.NoSuchProgram(program)
            secrets = await connecting.secrets_of(connection, found)
            waiting = await connecting.proposals(connection, program_ids=[found.id], only_open=True)
        return {
            "program": found.code,
            "configuration": connecting.as_toml(found.adapter),
            "digest": adapter_digest(found.adapter).hex(),
            "secrets": [{"name": secret.name, "kept_since": secret.kept_since} for secret in secrets],
            "waiting": next((each.number for each in waiting), None),
        }

    shown = run_on_books(work)
    if isinstance(shown, Refusal):
        refuse(shown)
    if as_json:
        show_json(shown)
        return
    for secret in shown["secrets"]:
        since = secret["kept_since"]
        say(f"# secret {secret['name']}: {'not kept here' if since is None else f'kept since {since}'}")
    if shown["waiting"] is not None:
        say(f"# Proposal {shown['waiting']} waits for a second person.")
    typer.echo(shown["configuration"], nl=False)


def submit(
    program: _Program,
    file: Annotated[Path, typer.Argument(help="TOML, as below [programs.CODE.adapter]; - reads the standard input.")],
    who: Who,
    reason: _Reason = "",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only try it: nothing is kept.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a configuration before a second person, in place of what waits; every problem is listed at once."""
    text = _read(file)
    if not dry_run:
        _take(lambda db: connecting.submit(db, program, text, Actor(who), reason=reason), as_json=as_json)
        return

    async def work(database: Database, _: Settings) -> connecting.Checked | Refusal:
        return await connecting.check(database, program, text)

    checked = run_on_books(work)
    if isinstance(checked, Refusal):
        refuse(checked)
    show(_changes(checked.changes), as_json=as_json, empty="It is in force already; it would change nothing.")


def list_proposals(
    *,
    program: Annotated[str | None, typer.Option(help="Only of this program.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were decided as well.")] = False,
    count: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what waits for a second person, the latest first."""

    async def work(database: Database, _: Settings) -> list[dict[str, Any]] | Refusal:
        async with database.connection() as connection:
            known = await brands.directory(connection)
            only = None if program is None else known.program(program)
            if program is not None and only is None:
                return pricing.NoSuchProgram(program)
            ids = None if only is None else [only.id]
            found = await connecting.proposals(connection, program_ids=ids, only_open=not everything, count=count)
        return [_row(known, proposal) for proposal in found]

    rows = run_on_books(work)
    if isinstance(rows, Refusal):
        refuse(rows)
    if as_json:
        show_json(rows)
        return
    brief = ("number", "program", "submitted_by", "reason", "decision", "decided_by", "digest")
    show([{key: row[key] for key in brief} for row in rows], as_json=False, empty="Nothing waits.")


def approve(
    number: _Number,
    who: Who,
    reason: _Reason,
    digest: Annotated[str, typer.Option(help="Of the proposal as seen: `agio brand adapter list`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring exactly the proposal with this digest into force."""
    _take(lambda db: connecting.approve(db, number, Actor(who), digest=digest, reason=reason), as_json=as_json)


def reject(number: _Number, who: Who, reason: _Reason, *, as_json: AsJson = False) -> None:
    """Send a proposal back."""
    _take(lambda db: connecting.reject(db, number, Actor(who), reason=reason), as_json=as_json)


def _read(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise typer.BadParameter(message, param_hint="FILE") from error
    return content.decode(errors="surrogateescape")


def _take(step: Step, *, as_json: bool) -> None:
    async def work(database: Database, _: Settings) -> dict[str, Any] | Refusal:
        found = await step(database)
        if isinstance(found, Refusal):
            return found
        async with database.connection() as connection:
            return _row(await brands.directory(connection), found)

    row = run_on_books(work)
    if isinstance(row, Refusal):
        refuse(row)
    if as_json:
        show_json(row)
        return
    show(row["changes"], as_json=False, empty="It is what is in force.")
    if row["decision"] is None:
        say(f"\nIt waits for a second person: agio brand adapter approve {row['number']} --digest {row['digest']}")
    else:
        say(f"\nProposal {row['number']}: {row['decision'].lower()} by {row['decided_by']}.")


def _row(known: brands.Directory, proposal: connecting.Proposal) -> dict[str, Any]:
    program = known.programs[proposal.program_id]
    return {
        "number": proposal.number,
        "program": program.code,
        "changes": _changes(connecting.changes_between(program.adapter, proposal.adapter)),
        "configuration": connecting.as_toml(proposal.adapter),
        "digest": proposal.digest,
        "submitted_by": proposal.submitted_by,
        "submitted_at": proposal.submitted_at,
        "reason": proposal.reason,
        "decision": proposal.decision and proposal.decision.value,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
        "decided_reason": proposal.decided_reason,
    }


def _changes(changes: tuple[Change, ...]) -> list[dict[str, str | None]]:
    return [{"path": change.path, "before": change.before, "after": change.after} for change in changes]
