"""Webhooks: where a brand is told what happens, and what became of it."""

from datetime import datetime

import strawberry
from strawberry import federation

import brands
import webhooks
from schema.context import Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import global_id, key_of
from schema.nodes import Node

strawberry.enum(webhooks.DeliveryState, name="WebhookDeliveryState")

PAGE_MAX = 200


@strawberry.type
class WebhookAttempt:
    """One request and what came of it."""

    number: int
    sent_at: datetime
    duration_ms: int
    status: int | None
    """HTTP's; null: there was no answer."""
    failure: str | None
    """Why there was no answer."""
    answer: str
    """Its first bytes."""


@strawberry.type
class WebhookDelivery:
    """An event on its way to an endpoint."""

    id: strawberry.ID
    event_id: strawberry.ID
    """The `webhook-id` of every request."""
    type: str
    occurred_at: datetime
    state: webhooks.DeliveryState
    due_at: datetime | None
    """Of the next attempt; null: there is none."""
    is_replay: bool
    attempts: list[WebhookAttempt]

    @classmethod
    def of(cls, value: webhooks.Delivery) -> "WebhookDelivery":
        """As the graph shows it."""
        return cls(
            id=global_id("WebhookDelivery", value.id),
            event_id=strawberry.ID(str(value.event_id)),
            type=value.type.value,
            occurred_at=value.occurred_at,
            state=value.state,
            due_at=value.due_at,
            is_replay=value.is_replay,
            attempts=[
                WebhookAttempt(
                    number=attempt.number,
                    sent_at=attempt.sent_at,
                    duration_ms=attempt.duration_ms,
                    status=attempt.status,
                    failure=attempt.failure,
                    answer=attempt.answer,
                )
                for attempt in value.attempts
            ],
        )


@federation.type(keys=["id"], requires_scopes=[[brands.Scope.WEBHOOKS_READ]])
class WebhookEndpoint(Node):
    """An address to which a brand's events are sent."""

    brand: str
    """The brand's code: its events and those of the brands below it."""
    url: str
    types: list[str]
    """Empty: all of them, those to come included."""
    description: str
    created_at: datetime
    failing_since: datetime | None
    """Since when nothing has succeeded there."""
    disabled_at: datetime | None
    """Since when nothing is sent there."""
    disabled_reason: str | None
    former_secret_until: datetime | None
    """Until when the secret before the present one signs as well."""

    @classmethod
    def of(cls, value: webhooks.Endpoint, directory: brands.Directory) -> "WebhookEndpoint":
        """As the graph shows it."""
        return cls(
            key=value.id,
            brand=directory.brands[value.brand_id].code,
            url=value.url,
            types=sorted(value.types),
            description=value.description,
            created_at=value.created_at,
            failing_since=value.failing_since,
            disabled_at=value.disabled_at,
            disabled_reason=value.disabled_reason,
            former_secret_until=value.former_until,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "WebhookEndpoint":
        """An endpoint of the token's brand or of one below it. Raises NotFound for another one."""
        key, directory = key_of("WebhookEndpoint", id), await info.context.directory()
        async with info.context.database.connection() as connection:
            found = (await webhooks.endpoints_by_id(connection, [key])).get(key)
        if found is None or found.brand_id not in directory.descendants(info.context.viewer.brand_id):
            raise NotFound("You have no such endpoint.")
        return cls.of(found, directory)

    @strawberry.field
    async def deliveries(
        self,
        info: Info,
        first: int = 50,
        before: strawberry.ID | None = None,
        states: list[webhooks.DeliveryState] | None = None,
    ) -> list[WebhookDelivery]:
        """What was sent there, the latest first: 1 to 200, made before the delivery `before`."""
        if not 1 <= first <= PAGE_MAX:
            message = f"1 to {PAGE_MAX} at a time."
            raise BadInput(message, argument="first")
        earlier = key_of("WebhookDelivery", before) if before else None
        async with info.context.database.connection() as connection:
            found = await webhooks.deliveries_of(
                connection, self.key, count=first, before=earlier, states=frozenset(states or ())
            )
        return [WebhookDelivery.of(delivery) for delivery in found]


@strawberry.type
class WebhookQuery:
    """Looking at webhooks."""

    @needs(brands.Scope.WEBHOOKS_READ)
    async def webhook_endpoints(self, info: Info, brand: str | None = None) -> list[WebhookEndpoint]:
        """The endpoints of the token's brand and of those below it, or of one of these; the oldest first."""
        directory, acting = await info.context.directory(), await info.context.acting_brand(brand)
        async with info.context.database.connection() as connection:
            found = await webhooks.endpoints_of(connection, directory.descendants(acting.id))
        return [WebhookEndpoint.of(endpoint, directory) for endpoint in found]
