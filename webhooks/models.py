"""The tables of webhooks. Private to the package: others call functions and get frozen values.

Reading and writing use hand-written SQL; these models serve the house test that compares them with the real tables.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class RegistryRow(Model):
    """How often the endpoints were changed."""

    id = fields.SmallIntField(primary_key=True)
    version = fields.BigIntField()

    class Meta:
        """The table."""

        table = "webhooks_registry"


class EndpointRow(Model):
    """Where a brand wants to be told, of what."""

    id = fields.UUIDField(primary_key=True)
    brand_id = fields.UUIDField()
    url = fields.TextField()
    types = ArrayField(element_type="text")
    description = fields.TextField()
    sealed_secret = fields.BinaryField()
    sealed_former_secret = fields.BinaryField(null=True)
    former_until = fields.DatetimeField(null=True)
    client_id = fields.TextField()
    idempotency_key = fields.TextField()
    rotation_key = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    failing_since = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    disabled_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "webhooks_endpoint"


class EventRow(Model):
    """What happened, as it is told."""

    id = fields.UUIDField(primary_key=True)
    type = fields.TextField()
    brand_id = fields.UUIDField()
    occurred_at = fields.DatetimeField()
    body = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "webhooks_event"


class DeliveryRow(Model):
    """An event on its way to an endpoint."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField()
    endpoint_id = fields.UUIDField()
    state = fields.TextField()
    attempts = fields.IntField()
    due_at = fields.DatetimeField()
    leased_until = fields.DatetimeField(null=True)
    is_replay = fields.BooleanField()
    recorded_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "webhooks_delivery"


class AttemptRow(Model):
    """One request of a delivery and what came of it. The key is delivery and number; Tortoise knows no such keys."""

    delivery_id = fields.UUIDField(primary_key=True)
    number = fields.IntField()
    sent_at = fields.DatetimeField()
    duration_ms = fields.IntField()
    status = fields.IntField(null=True)
    failure = fields.TextField(null=True)
    answer = fields.TextField()

    class Meta:
        """The table."""

        table = "webhooks_attempt"
