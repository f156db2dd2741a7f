"""The tables of the ledger. Private to the package: others call functions and get frozen values.

Posting and reading use hand-written SQL; these models serve the house test that compares them with the real tables.
Tables whose key has two columns name its first one here, because Tortoise knows no composite keys.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class AssetRow(Model):
    """Something that is counted."""

    code = fields.CharField(max_length=64, primary_key=True)
    scale = fields.IntField()
    kind = fields.TextField()
    time_zone = fields.TextField()
    closed_until = fields.DatetimeField(null=True)
    xact = fields.BigIntField()

    class Meta:
        """The table."""

        table = "ledger_asset"


class _Counters(Model):
    debits_pending = fields.BigIntField()
    debits_posted = fields.BigIntField()
    credits_pending = fields.BigIntField()
    credits_posted = fields.BigIntField()

    class Meta:
        """Columns only."""

        abstract = True


class AccountRow(_Counters):
    """An account and its balance now."""

    id = fields.UUIDField(primary_key=True)
    owner = fields.UUIDField()
    limits = fields.SmallIntField()
    lots = fields.BooleanField()
    credit_line = fields.BigIntField()
    last_recorded_at = fields.DatetimeField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    asset = fields.TextField()
    purpose = fields.TextField()
    xact = fields.BigIntField()

    class Meta:
        """The table."""

        table = "ledger_account"


class _Content(Model):
    """What the maker of a transfer asked for, and where it was recorded."""

    id = fields.UUIDField(primary_key=True)
    debit_account_id = fields.UUIDField()
    credit_account_id = fields.UUIDField()
    amount = fields.BigIntField()
    recorded_at = fields.DatetimeField()
    xact = fields.BigIntField()
    sequence = fields.IntField()
    code = fields.IntField()
    kind = fields.SmallIntField()
    balancing = fields.SmallIntField()
    group_id = fields.UUIDField(null=True)
    reference = fields.UUIDField(null=True)
    pending_id = fields.UUIDField(null=True)
    reverses_id = fields.UUIDField(null=True)
    lots_of = fields.UUIDField(null=True)
    timeout_seconds = fields.IntField(null=True)
    event_time = fields.DatetimeField(null=True)
    lot_expires_at = fields.DatetimeField(null=True)
    lot_available_at = fields.DatetimeField(null=True)
    lot_funder = fields.UUIDField(null=True)
    lot_unit_cost = fields.BigIntField(null=True)

    class Meta:
        """Columns only."""

        abstract = True


class TransferRow(_Content):
    """A recorded transfer."""

    group_size = fields.IntField()
    requested = fields.BigIntField(null=True)

    class Meta:
        """The table."""

        table = "ledger_transfer"


class RefusalRow(_Content):
    """A refused transfer, kept so that it is refused the same way again."""

    status = fields.TextField()

    class Meta:
        """The table."""

        table = "ledger_refusal"


class BalanceRow(_Counters):
    """An account's counters after a batch."""

    account_id = fields.UUIDField(primary_key=True)
    recorded_at = fields.DatetimeField()
    transfer_ids: ArrayField = ArrayField(element_type="uuid")

    class Meta:
        """The table."""

        table = "ledger_balance"


class PendingRow(Model):
    """What became of a pending transfer."""

    id = fields.UUIDField(primary_key=True)
    times_out_at = fields.DatetimeField(null=True)
    resolved_by = fields.UUIDField(null=True)
    resolution = fields.SmallIntField(null=True)

    class Meta:
        """The table."""

        table = "ledger_pending"


class ReversalRow(Model):
    """A transfer that was taken back."""

    original_id = fields.UUIDField(primary_key=True)
    reversal_id = fields.UUIDField()

    class Meta:
        """The table."""

        table = "ledger_reversal"


class LotRow(Model):
    """Points that expire together."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    transfer_id = fields.UUIDField()
    opened = fields.BigIntField()
    remaining = fields.BigIntField()
    live = fields.BooleanField(generated=True)
    expires_at = fields.DatetimeField()
    available_at = fields.DatetimeField()
    unit_cost = fields.BigIntField()
    funder = fields.UUIDField(null=True)
    origin = fields.UUIDField(null=True)

    class Meta:
        """The table."""

        table = "ledger_lot"


class LotUseRow(Model):
    """Which lots a transfer took from, or gave back to."""

    transfer_id = fields.UUIDField(primary_key=True)
    restores = fields.UUIDField(null=True)
    lot_ids: ArrayField = ArrayField(element_type="uuid")
    amounts: ArrayField = ArrayField(element_type="bigint")

    class Meta:
        """The table."""

        table = "ledger_lot_use"


class LotExtensionRow(Model):
    """The trace of a lot that was made to live longer."""

    id = fields.UUIDField(primary_key=True)
    lot_id = fields.UUIDField()
    expired_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    reference = fields.UUIDField(null=True)
    xact = fields.BigIntField()

    class Meta:
        """The table."""

        table = "ledger_lot_extension"


class TermChangeRow(Model):
    """The trace of a credit line that was changed, or of an asset's period that was closed."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.UUIDField(null=True)
    asset = fields.TextField(null=True)
    credit_line_before = fields.BigIntField(null=True)
    credit_line = fields.BigIntField(null=True)
    closed_until_before = fields.DatetimeField(null=True)
    closed_until = fields.DatetimeField(null=True)
    recorded_at = fields.DatetimeField()
    xact = fields.BigIntField()

    class Meta:
        """The table."""

        table = "ledger_term_change"


class SealRow(Model):
    """A link of the chain over history."""

    number = fields.BigIntField(primary_key=True)
    xact_after = fields.BigIntField()
    xact_until = fields.BigIntField()
    entries = fields.IntField()
    digest = fields.BinaryField()
    locators = fields.BinaryField()
    sealed_at = fields.DatetimeField()
    previous = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        """The table."""

        table = "ledger_seal"


class SealHeadRow(Model):
    """The last link of the chain; one row."""

    id = fields.BooleanField(primary_key=True)
    number = fields.BigIntField()
    xact_until = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        """The table."""

        table = "ledger_seal_head"
