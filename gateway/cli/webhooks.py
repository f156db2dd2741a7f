"""`agio webhooks`: where brands are told what happens, and what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

import webhooks
from brands import Directory, directory
from core.database import Database
from core.errors import Refusal
from core.ids import new_id
from core.secrets import root_secret
from core.settings import Settings
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from gateway.settings import GatewaySettings
from webhooks import EndpointSecrets

EXAMPLE = "Example: agio webhooks add aurora https://crm.example.com/agio --type exchange.completed"
CLIENT = "agio-cli"
"""Whose idempotency keys those of the command line are."""

Found = TypeVar("Found")
Brand = Annotated[str, typer.Argument(help="The brand's code.")]
EndpointId = Annotated[UUID, typer.Argument(metavar="ENDPOINT", help="The endpoint's id, as `list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Signed webhooks to brands.", no_args_is_help=True, epilog=EXAMPLE)
    for name, command, example in (
        ("list", list_endpoints, "agio webhooks list aurora"),
        ("add", add, EXAMPLE.removeprefix("Example: ")),
        ("rotate", rotate, "agio webhooks rotate 019b… --overlap-hours 48"),
        ("enable", enable, "agio webhooks enable 019b…"),
        ("disable", disable, "agio webhooks disable 019b…"),
        ("remove", remove, "agio webhooks remove 019b…"),
        ("deliveries", deliveries, "agio webhooks deliveries 019b… --failed"),
        ("replay", replay, "agio webhooks replay 019b… --since 2026-01-15T00:00:00Z"),
        ("test", send_test, "agio webhooks test 019b…"),
    ):
        group.command(name, epilog=f"Example: {example}")(command)
    app.add_typer(group, name="webhooks")


def list_endpoints(
    brand: Annotated[str | None, typer.Argument(help="A brand's code.")] = None, *, as_json: AsJson = False
) -> None:
    """The endpoints of a brand and of those below it, or everybody's."""

    async def work(database: Database, _: Settings) -> list[dict[str, Any]]:
        async with database.connection() as connection:
            known = await directory(connection)
            found = await webhooks.all_endpoints(connection)
        wanted = known.descendants(_brand_id(known, brand)) if brand else frozenset(known.brands)
        return [_row(endpoint, known) for endpoint in found if endpoint.brand_id in wanted]

    show(run_on_books(work), as_json=as_json, empty="No endpoints.")


def add(
    brand: Brand,
    url: Annotated[str, typer.Argument(help="Public, over https.")],
    types: Annotated[list[str] | None, typer.Option("--type", help="An event's type; all when none is named.")] = None,
    description: str = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Register an endpoint. Its secret is shown this once."""
    loopback = GatewaySettings.from_environment().webhooks_to_loopback

    async def work(database: Database, settings: Settings) -> webhooks.Registered | webhooks.RegistrationRefusal:
        async with database.connection() as connection:
            brand_id = _brand_id(await directory(connection), brand)
        wish = webhooks.Registration(brand_id, url, tuple(types or ()), CLIENT, str(new_id()), description)
        return await webhooks.register(database, _secrets(settings), wish, loopback=loopback)

    _show_secret(_unless_refused(run_on_books(work)), as_json=as_json)


def rotate(
    endpoint: EndpointId,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="How long both secrets sign.")] = 24,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a new secret, shown this once; for a while the one before it signs as well."""
    wish = webhooks.Rotation(endpoint, str(new_id()), timedelta(hours=overlap_hours))

    async def work(database: Database, settings: Settings) -> webhooks.Registered | webhooks.RotationRefusal:
        return await webhooks.rotate(database, _secrets(settings), wish, brand_ids=None)

    _show_secret(_unless_refused(run_on_books(work)), as_json=as_json)


def enable(endpoint: EndpointId, *, as_json: AsJson = False) -> None:
    """Send to an endpoint again; what waits is sent at once, what was missed can be replayed."""
    _change(webhooks.enable, endpoint, as_json=as_json)


def disable(endpoint: EndpointId, *, as_json: AsJson = False) -> None:
    """Send nothing to an endpoint until it is enabled; events are kept for a replay."""
    _change(webhooks.disable, endpoint, as_json=as_json)


def remove(endpoint: EndpointId, *, as_json: AsJson = False) -> None:
    """Forget an endpoint, its secret and its deliveries."""
    _change(webhooks.remove, endpoint, as_json=as_json)


def deliveries(
    endpoint: EndpointId,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many.")] = 20,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed for good.")] = False,
    as_json: AsJson = False,
) -> None:
    """What was sent to an endpoint, the latest first, with what it answered."""
    states = frozenset({webhooks.DeliveryState.FAILED} if failed else ())

    async def work(database: Database, _: Settings) -> list[webhooks.Delivery] | webhooks.UnknownEndpoint:
        async with database.connection() as connection:
            if endpoint not in await webhooks.endpoints_by_id(connection, [endpoint]):
                return webhooks.UnknownEndpoint()
            return list(await webhooks.deliveries_of(connection, endpoint, count=count, states=states))

    found = _unless_refused(run_on_books(work))
    if as_json:
        show_json([asdict(delivery) for delivery in found])
    else:
        show([_delivery_row(delivery) for delivery in found], as_json=False, empty="Nothing was sent there yet.")


def replay(
    endpoint: EndpointId,
    events: Annotated[list[UUID] | None, typer.Option("--event", help="An event's id; repeat it for several.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="From this instant.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="Before this one.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send events again, under their own ids: those named, or those of a time range."""
    wish = webhooks.Replay(endpoint, tuple(events or ()), since, until)

    async def work(database: Database, _: Settings) -> webhooks.Replayed | webhooks.ReplayRefusal:
        return await webhooks.replay(database, wish, brand_ids=None)

    outcome = _unless_refused(run_on_books(work))
    if as_json:
        show_json(asdict(outcome))
    else:
        say(f"{outcome.count:,} events will be sent again.")
    if not outcome.complete:
        complain(f"There are more: replay again from {outcome.last_at}.")


def send_test(endpoint: EndpointId, *, as_json: AsJson = False) -> None:
    """Send a `webhook.test` to an endpoint; `deliveries` shows what became of it."""

    async def work(database: Database, _: Settings) -> UUID | Refusal:
        return await webhooks.send_test(database, endpoint, str(new_id()), brand_ids=None)

    event_id = _unless_refused(run_on_books(work))
    show([{"event": event_id}], as_json=as_json)


def _change(
    change: Callable[..., Awaitable[webhooks.Endpoint | webhooks.UnknownEndpoint]], endpoint: UUID, *, as_json: bool
) -> None:
    async def work(database: Database, _: Settings) -> dict[str, Any] | Refusal:
        outcome = await change(database, endpoint, brand_ids=None)
        if isinstance(outcome, Refusal):
            return outcome
        async with database.connection() as connection:
            return _row(outcome, await directory(connection))

    show([_unless_refused(run_on_books(work))], as_json=as_json)


def _unless_refused(outcome: Found | Refusal) -> Found:
    if isinstance(outcome, Refusal):
        refuse(outcome)
    return outcome


def _show_secret(registered: webhooks.Registered, *, as_json: bool) -> None:
    facts = {"id": registered.endpoint.id, "url": registered.endpoint.url, "secret": registered.secret}
    if as_json:
        show_json(facts)
        return
    show([facts], as_json=False)
    say("\nThe secret is not shown again; `agio webhooks rotate` makes another one.")


def _row(endpoint: webhooks.Endpoint, known: Directory) -> dict[str, Any]:
    state = f"disabled: {endpoint.disabled_reason}" if endpoint.disabled_at else "in use"
    if endpoint.failing_since and not endpoint.disabled_at:
        state = f"failing since {endpoint.failing_since:%Y-%m-%d %H:%M}Z"
    return {
        "id": endpoint.id,
        "brand": known.brands[endpoint.brand_id].code,
        "url": endpoint.url,
        "types": ", ".join(sorted(endpoint.types)) or "all",
        "state": state,
    }


def _delivery_row(delivery: webhooks.Delivery) -> dict[str, Any]:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "event": delivery.event_id,
        "type": delivery.type,
        "state": delivery.state.lower(),
        "attempts": delivery.attempts_begun,
        "last": "" if last is None else last.status or last.failure,
        "ms": "" if last is None else last.duration_ms,
        "next": f"{delivery.due_at:%Y-%m-%d %H:%M:%S}Z" if delivery.due_at else "",
        "answer": "" if last is None else last.answer[:60],
    }


def _secrets(settings: Settings) -> EndpointSecrets:
    return EndpointSecrets(root_secret(settings.home))


def _brand_id(known: Directory, code: str) -> UUID:
    found = known.brand(code)
    if found is None:
        message = f"There is no brand {code!r}."
        raise typer.BadParameter(message)
    return found.id
