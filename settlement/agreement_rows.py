"""The tables of what participants have agreed on and owe each other. Part of `settlement.models`, and as private."""

from tortoise import fields
from tortoise.models import Model


class ModelRow(Model):
    """One version of a settlement model; never changed."""

    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    version = fields.IntField()
    terms: fields.JSONField[dict[str, object]] = fields.JSONField()
    proposal_id = fields.UUIDField(unique=True)
    agreed_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_model"


class ModelParticipantRow(Model):
    """A participant of one version of a model; never changed."""

    id = fields.UUIDField(primary_key=True)
    model_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    net_debit_cap = fields.BigIntField()

    class Meta:
        """The table."""

        table = "settlement_model_participant"


class AttemptRow(Model):
    """The latest refusal that a window met without anybody asking."""

    window_id = fields.UUIDField(primary_key=True)
    step = fields.TextField()
    attempts = fields.IntField()
    problem = fields.TextField()
    tried_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_attempt"


class ObligationRow(Model):
    """What one participant owes another for a window, in micro-CNY; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    debtor_id = fields.UUIDField()
    creditor_id = fields.UUIDField()
    opening = fields.BigIntField()
    lines = fields.BigIntField()
    set_off = fields.BigIntField()
    settled = fields.BigIntField()
    carried = fields.BigIntField()

    class Meta:
        """The table."""

        table = "settlement_obligation"
