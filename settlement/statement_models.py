"""The tables of statements (beside `settlement_advice`) and of month-ends. Private to the package."""

from tortoise import fields
from tortoise.models import Model


class AdviceSealRow(Model):
    """The digest over all statements of a window, as often as some were added; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    sequence = fields.IntField()
    digest = fields.TextField()

    class Meta:
        """The table."""

        table = "settlement_advice_seal"


class AdvicePartyRow(Model):
    """With which account a participant stood in the statements of a window, and until when was to be paid."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    bank_account_id = fields.UUIDField(null=True)
    due_on = fields.DateField()

    class Meta:
        """The table."""

        table = "settlement_advice_party"


class EstimateRow(Model):
    """What finance put aside for a program's points and expects to be redeemed; decided once."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    version = fields.IntField()
    from_month = fields.DateField()
    allocated_fen = fields.BigIntField()
    points = fields.BigIntField()
    expected = fields.BigIntField()
    proposed_by = fields.TextField()
    proposed_at = fields.DatetimeField()
    proposed_reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "settlement_estimate"
