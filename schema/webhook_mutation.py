"""Registering endpoints of webhooks, rotating their secrets, sending again."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias, assert_never
from uuid import UUID

import strawberry

import brands
import core.refusals
import webhooks
from schema.context import Context, Info
from schema.errors import BadInput
from schema.fields import needs
from schema.ids import key_of
from schema.refusals import IdempotencyConflict, KeyUnusable, Refusal, idempotency_conflict, key_unusable
from schema.webhook import WebhookEndpoint

OVERLAP_HOURS = 24


@strawberry.type
class WebhookUrlUnusable(Refusal):
    """Webhooks cannot be sent to this address: https, a public host, nothing private."""


@strawberry.type
class UnknownEventType(Refusal):
    """There is no such type of event."""

    type: str


@strawberry.type
class TooManyEndpoints(Refusal):
    """The brand has as many endpoints as it may have."""

    count_max: int


@strawberry.type
class UnknownWebhookEndpoint(Refusal):
    """There is no such endpoint of this brand."""


@strawberry.type
class WebhookOverlapUnusable(Refusal):
    """Both secrets cannot sign for so long."""

    hours_max: int


@strawberry.type
class WebhookRangeUnusable(Refusal):
    """A range begins before it ends and is not longer than events are kept; without one, events must be named."""

    days_max: int


@strawberry.type
class WebhookSecret:
    """An endpoint and, this once, its secret."""

    endpoint: WebhookEndpoint
    secret: str | None
    """Shown this once: null when the same key comes again. Rotate it when it was lost."""


@strawberry.type
class WebhookReplay:
    """What will be sent again."""

    count: int
    """Events; those on their way already are not among them."""
    complete: bool
    """Whether these are all; otherwise replay again, from `lastAt`."""
    last_at: datetime | None


@strawberry.type
class WebhookTest:
    """A `webhook.test` on its way."""

    event_id: strawberry.ID


RegistrationRefused: TypeAlias = (
    WebhookUrlUnusable | UnknownEventType | TooManyEndpoints | KeyUnusable | IdempotencyConflict
)
CreateWebhookEndpointResult = Annotated[
    WebhookSecret | RegistrationRefused, strawberry.union("CreateWebhookEndpointResult")
]
RotateWebhookSecretResult = Annotated[
    WebhookSecret | UnknownWebhookEndpoint | WebhookOverlapUnusable | KeyUnusable,
    strawberry.union("RotateWebhookSecretResult"),
]
WebhookEndpointResult = Annotated[WebhookEndpoint | UnknownWebhookEndpoint, strawberry.union("WebhookEndpointResult")]
ReplayWebhooksResult = Annotated[
    WebhookReplay | UnknownWebhookEndpoint | WebhookRangeUnusable, strawberry.union("ReplayWebhooksResult")
]
TestWebhookResult = Annotated[WebhookTest | UnknownWebhookEndpoint | KeyUnusable, strawberry.union("TestWebhookResult")]


@strawberry.input
class CreateWebhookEndpointInput:
    """Where a brand wants to be told, of what."""

    url: str
    """Public, over https."""
    idempotency_key: str
    types: list[str] = strawberry.field(default_factory=list)
    """Of the events in docs/webhooks.md; none: all of them."""
    description: str = ""
    brand: str | None = None
    """The code of a brand below the token's; the token's brand itself when left out."""


@strawberry.input
class RotateWebhookSecretInput:
    """A wish for a new secret."""

    endpoint_id: strawberry.ID
    idempotency_key: str
    overlap_hours: int = OVERLAP_HOURS
    """How long the present secret goes on signing beside the new one: 0 to 720."""


@strawberry.input
class WebhookEndpointInput:
    """One endpoint."""

    endpoint_id: strawberry.ID


@strawberry.input
class ReplayWebhooksInput:
    """Which events are wanted again: those named, those of a time range, or both. Each keeps its id."""

    endpoint_id: strawberry.ID
    event_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    """`webhook-id`s."""
    since: datetime | None = None
    until: datetime | None = None
    """The first instant that does not belong to it; now when left out."""


@strawberry.input
class TestWebhookInput:
    """A wish to see whether something arrives."""

    endpoint_id: strawberry.ID
    idempotency_key: str


@strawberry.type
class WebhookMutation:
    """What a brand's engineers do with webhooks."""

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def create_webhook_endpoint(
        self, info: Info, input: CreateWebhookEndpointInput
    ) -> CreateWebhookEndpointResult:
        """Register an endpoint; its secret is shown this once."""
        context, services = info.context, info.context.services
        brand = await context.acting_brand(input.brand)
        wish = webhooks.Registration(
            brand.id,
            input.url,
            tuple(input.types),
            context.viewer.client_id,
            input.idempotency_key,
            input.description,
        )
        outcome = await webhooks.register(
            services.database, services.webhook_secrets, wish, loopback=services.webhooks_to_loopback
        )
        if isinstance(outcome, webhooks.Registered):
            return await _secret(context, outcome)
        return _refused(outcome)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def rotate_webhook_secret(self, info: Info, input: RotateWebhookSecretInput) -> RotateWebhookSecretResult:
        """Make a new secret; for a while both sign."""
        services = info.context.services
        overlap = timedelta(hours=input.overlap_hours)
        wish = webhooks.Rotation(_key(input.endpoint_id), input.idempotency_key, overlap)
        own = await _own(info.context)
        outcome = await webhooks.rotate(services.database, services.webhook_secrets, wish, brand_ids=own)
        if isinstance(outcome, webhooks.Registered):
            return await _secret(info.context, outcome)
        if isinstance(outcome, webhooks.UnknownEndpoint):
            return _unknown(outcome)
        if isinstance(outcome, webhooks.OverlapUnusable):
            return WebhookOverlapUnusable(message=outcome.message, hours_max=outcome.hours_max)
        return key_unusable(outcome)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def enable_webhook_endpoint(self, info: Info, input: WebhookEndpointInput) -> WebhookEndpointResult:
        """Send to an endpoint again; what waits is sent at once, what was missed can be replayed."""
        own = await _own(info.context)
        change = webhooks.enable(info.context.database, _key(input.endpoint_id), brand_ids=own)
        return await _changed(info.context, change)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def disable_webhook_endpoint(self, info: Info, input: WebhookEndpointInput) -> WebhookEndpointResult:
        """Send nothing to an endpoint until it is enabled; events are kept for a replay."""
        own = await _own(info.context)
        change = webhooks.disable(info.context.database, _key(input.endpoint_id), brand_ids=own)
        return await _changed(info.context, change)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def remove_webhook_endpoint(self, info: Info, input: WebhookEndpointInput) -> WebhookEndpointResult:
        """Forget an endpoint, its secret and its deliveries."""
        own = await _own(info.context)
        change = webhooks.remove(info.context.database, _key(input.endpoint_id), brand_ids=own)
        return await _changed(info.context, change)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def replay_webhooks(self, info: Info, input: ReplayWebhooksInput) -> ReplayWebhooksResult:
        """Send events to an endpoint again, under their own ids; sent twice it sends what is not on its way."""
        named = tuple(_event_id(text) for text in input.event_ids)
        wish = webhooks.Replay(_key(input.endpoint_id), named, _zoned(input.since), _zoned(input.until))
        outcome = await webhooks.replay(info.context.database, wish, brand_ids=await _own(info.context))
        match outcome:
            case webhooks.Replayed(count, complete, last_at):
                return WebhookReplay(count=count, complete=complete, last_at=last_at)
            case webhooks.RangeUnusable(days_max):
                return WebhookRangeUnusable(message=outcome.message, days_max=days_max)
            case webhooks.UnknownEndpoint():
                return _unknown(outcome)
            case _:
                assert_never(outcome)

    @needs(brands.Scope.WEBHOOKS_WRITE)
    async def test_webhook(self, info: Info, input: TestWebhookInput) -> TestWebhookResult:
        """Send a `webhook.test` to an endpoint."""
        key, own = _key(input.endpoint_id), await _own(info.context)
        outcome = await webhooks.send_test(info.context.database, key, input.idempotency_key, brand_ids=own)
        if isinstance(outcome, UUID):
            return WebhookTest(event_id=strawberry.ID(str(outcome)))
        return _unknown(outcome) if isinstance(outcome, webhooks.UnknownEndpoint) else key_unusable(outcome)


async def _own(context: Context) -> frozenset[UUID]:
    """The brands whose endpoints the token may touch."""
    return (await context.directory()).descendants(context.viewer.brand_id)


async def _secret(context: Context, outcome: webhooks.Registered) -> WebhookSecret:
    endpoint = WebhookEndpoint.of(outcome.endpoint, await context.directory())
    return WebhookSecret(endpoint=endpoint, secret=outcome.secret)


async def _changed(
    context: Context, change: Awaitable[webhooks.Endpoint | webhooks.UnknownEndpoint]
) -> WebhookEndpoint | UnknownWebhookEndpoint:
    outcome = await change
    if isinstance(outcome, webhooks.UnknownEndpoint):
        return _unknown(outcome)
    return WebhookEndpoint.of(outcome, await context.directory())


def _unknown(refusal: webhooks.UnknownEndpoint) -> UnknownWebhookEndpoint:
    return UnknownWebhookEndpoint(message=refusal.message)


def _refused(refusal: webhooks.RegistrationRefusal) -> RegistrationRefused:
    match refusal:
        case webhooks.UrlUnusable():
            return WebhookUrlUnusable(message=refusal.message)
        case webhooks.UnknownEventType(event_type):
            return UnknownEventType(message=refusal.message, type=event_type)
        case webhooks.TooManyEndpoints(count_max):
            return TooManyEndpoints(message=refusal.message, count_max=count_max)
        case core.refusals.KeyUnusable():
            return key_unusable(refusal)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(refusal)
        case _:
            assert_never(refusal)


def _key(text: strawberry.ID) -> UUID:
    return key_of("WebhookEndpoint", text)


def _event_id(text: strawberry.ID) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("An event is named by its `webhook-id`.", argument="eventIds") from error


def _zoned(instant: datetime | None) -> datetime | None:
    if instant is not None and instant.tzinfo is None:
        raise BadInput("An instant needs a time zone: 2026-01-15T04:00:00Z.", argument="since")
    return instant
