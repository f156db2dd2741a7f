"""The tables of the rights pool, append-only. Private to the package: others call functions and get frozen values.

How many uses of a grant are left is the ledger's to say: the balance of the grant's account.
"""

from tortoise import fields
from tortoise.models import Model


class GrantRow(Model):
    """A right given to a membership."""

    id = fields.UUIDField(primary_key=True)
    right_id = fields.UUIDField()
    membership_id = fields.UUIDField()
    claimant_id = fields.UUIDField()
    idempotency_key = fields.TextField()
    uses = fields.BigIntField()
    price_program_id = fields.UUIDField(null=True)
    price = fields.BigIntField()
    funding_micro = fields.BigIntField()
    handle = fields.BigIntField(unique=True)
    granted_at = fields.DatetimeField()
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "rights_grant"


class RedemptionRow(Model):
    """One use of a grant at a brand."""

    id = fields.UUIDField(primary_key=True)
    grant_id = fields.UUIDField()
    brand_id = fields.UUIDField()
    client_id = fields.TextField()
    idempotency_key = fields.TextField()
    code_step = fields.BigIntField()
    settlement_micro = fields.BigIntField()
    redeemed_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "rights_redemption"


class ExpiryRow(Model):
    """A grant whose validity ended, and the uses it lost."""

    grant_id = fields.UUIDField(primary_key=True)
    uses = fields.BigIntField()
    expired_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "rights_expiry"
