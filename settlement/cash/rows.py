"""The tables of money: orders, deposits, disputes, adjustments. Part of `settlement.models`, and as private."""

from tortoise import fields
from tortoise.models import Model


class OrderRow(Model):
    """What the bank was told to pay for a window or back from a deposit; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField(null=True, unique=True)
    withdrawal_id = fields.UUIDField(null=True, unique=True)
    message_id = fields.TextField()
    file_name = fields.TextField()
    content = fields.TextField()
    sha256 = fields.TextField()
    total_fen = fields.BigIntField()
    ordered_at = fields.DatetimeField()
    ordered_by = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "settlement_order"


class DepositRow(Model):
    """Cash that a participant deposited, or that was taken from it; never changed."""

    id = fields.UUIDField(primary_key=True)
    participant_id = fields.UUIDField()
    model = fields.TextField()
    amount_fen = fields.BigIntField()
    cash_id = fields.UUIDField(null=True)
    payment_id = fields.UUIDField(null=True)
    withdrawal_id = fields.UUIDField(null=True, unique=True)
    proposal_id = fields.UUIDField(null=True, unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_deposit"


class EarmarkRow(Model):
    """What of a deposit will pay for a netted window; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    amount_fen = fields.BigIntField()

    class Meta:
        """The table."""

        table = "settlement_earmark"


class WithdrawalRow(Model):
    """What is paid back of a deposit; never changed."""

    id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField(unique=True)
    participant_id = fields.UUIDField()
    model = fields.TextField()
    amount_fen = fields.BigIntField()
    proposal_id = fields.UUIDField(unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_withdrawal"


class OwnRow(Model):
    """A movement at the bank, or a part of it, that is the operator's own; never changed."""

    id = fields.UUIDField(primary_key=True)
    cash_id = fields.UUIDField()
    purpose = fields.TextField()
    amount_fen = fields.BigIntField()
    proposal_id = fields.UUIDField(unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_own"


class DisputeRow(Model):
    """A payment, or part of one, that a participant does not accept; never changed."""

    id = fields.UUIDField(primary_key=True)
    payment_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    amount_fen = fields.BigIntField()
    proposal_id = fields.UUIDField(unique=True)
    opened_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_dispute"


class DisputeEndRow(Model):
    """What became of a dispute, or of part of it; never changed."""

    id = fields.UUIDField(primary_key=True)
    dispute_id = fields.UUIDField()
    outcome = fields.TextField()
    amount_fen = fields.BigIntField()
    cash_id = fields.UUIDField(null=True)
    proposal_id = fields.UUIDField(unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_dispute_end"


class ReturnedRow(Model):
    """Money that came in and was sent back; never changed."""

    id = fields.UUIDField(primary_key=True)
    incoming_id = fields.UUIDField()
    outgoing_id = fields.UUIDField()
    amount_fen = fields.BigIntField()
    proposal_id = fields.UUIDField(unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_returned"


class AdjustmentRow(Model):
    """A correction of an earlier window, settled with a later one; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    model = fields.TextField()
    payer_id = fields.UUIDField()
    payee_id = fields.UUIDField()
    amount_micro = fields.BigIntField()
    proposal_id = fields.UUIDField(unique=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_adjustment"
