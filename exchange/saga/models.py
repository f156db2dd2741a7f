"""The tables about brands' systems as the sagas find them. `exchange.models` names all tables of the package."""

from tortoise import fields
from tortoise.models import Model


class GuardRow(Model):
    """How one worker sees one brand. The key is worker and program; Tortoise knows no composite keys."""

    worker_id = fields.UUIDField(primary_key=True)
    program = fields.TextField()
    state = fields.TextField()
    in_flight = fields.IntField()
    waiting = fields.IntField()
    retry_after_seconds = fields.FloatField()
    reason = fields.TextField()
    reported_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_guard"


class LockoutRow(Model):
    """A time during which a brand's system refused our credentials."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    refused_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "exchange_lockout"
