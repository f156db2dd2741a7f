"""The tables of exchanges. Private to the package: others call functions and get frozen values.

The hot path writes them with its own SQL; these models serve reads and the house test that compares them with the
real tables.
"""

from tortoise import fields
from tortoise.models import Model


class _Terms(Model):
    """What a quote and its exchange have in common. Amounts in minor units of the program, money in micro-CNY."""

    id = fields.UUIDField(primary_key=True)
    member_id = fields.UUIDField()
    source_membership_id = fields.UUIDField()
    target_membership_id = fields.UUIDField()
    source_program_id = fields.UUIDField()
    target_program_id = fields.UUIDField()
    source_rate_id = fields.UUIDField()
    target_rate_id = fields.UUIDField()
    source_amount = fields.BigIntField()
    target_amount = fields.BigIntField()
    value_micro = fields.BigIntField()
    fee_micro = fields.BigIntField()
    credit_micro = fields.BigIntField()
    rounding_micro = fields.BigIntField()
    source_tier = fields.TextField(null=True)
    pair_rate_id = fields.UUIDField(null=True)

    class Meta:
        """Columns only; the tables are below."""

        abstract = True


class QuoteRow(_Terms):
    """An offer to a member at fixed terms until an instant."""

    quoted_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_quote"


class ExchangeRow(_Terms):
    """An accepted quote and where it stands."""

    quote_id = fields.UUIDField(unique=True)
    idempotency_key = fields.TextField()
    source_participant_id = fields.UUIDField()
    target_participant_id = fields.UUIDField()
    state = fields.TextField()
    target_expires_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_exchange"


class HistoryRow(Model):
    """One step of an exchange's life; never changed."""

    id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    sequence = fields.IntField()
    state = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_history"


class UsageRow(Model):
    """How much a membership gave up in a period; counted so that a limit costs one probe, however many exchanges.

    The key is all but the amount; Tortoise knows no composite keys.
    """

    membership_id = fields.UUIDField(primary_key=True)
    period = fields.TextField()
    starts_on = fields.DateField()
    amount = fields.BigIntField()

    class Meta:
        """The table."""

        table = "exchange_usage"


class MovementRow(Model):
    """Points a brand gave or took by itself; never changed."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    client_id = fields.TextField()
    idempotency_key = fields.TextField()
    brand_id = fields.UUIDField()
    program_id = fields.UUIDField()
    membership_id = fields.UUIDField()
    amount = fields.BigIntField()
    reason = fields.TextField()
    unit_cost_micro = fields.BigIntField()
    expires_at = fields.DatetimeField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_movement"
