"""The tables of the brands package. Private to it: others call functions and get frozen values.

Reading and writing use hand-written SQL; these models serve the house test that compares them with the real tables.
A table whose key has two columns names its first one here, because Tortoise knows no composite keys.
"""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class BrandRow(Model):
    """A node of the brand tree."""

    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    root_id = fields.UUIDField()
    parent_id = fields.UUIDField(null=True)
    participant_id = fields.UUIDField()
    name = fields.TextField()
    name_zh = fields.TextField()
    kind = fields.TextField()
    net_debit_cap = fields.BigIntField()
    prefund = fields.BigIntField()
    closed = fields.BooleanField()
    cap_warnings = ArrayField(element_type="int")
    cap_warning_hours = fields.IntField()

    class Meta:
        """The table."""

        table = "brands_brand"


class ProgramRow(Model):
    """A loyalty program."""

    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    brand_id = fields.UUIDField()
    name = fields.TextField()
    name_zh = fields.TextField()
    scale = fields.IntField()
    time_zone = fields.TextField()
    expiry_months = fields.IntField(null=True)
    expiry_day = fields.TextField()
    amount_min = fields.BigIntField()
    amount_max = fields.BigIntField()
    amount_step = fields.BigIntField()
    member_day_max = fields.BigIntField()
    adapter_kind = fields.TextField()
    adapter_mapping: Any = fields.JSONField()
    opening_unit_cost = fields.BigIntField()
    member_file: Any = fields.JSONField(null=True)
    statement_file: Any = fields.JSONField(null=True)
    file_terms: Any = fields.JSONField()
    swing_pause_bp = fields.IntField()
    member_month_max = fields.BigIntField(null=True)
    member_year_max = fields.BigIntField(null=True)
    cooling_off_hours = fields.IntField()
    pair_limits: Any = fields.JSONField()
    issuance_limits: Any = fields.JSONField()
    file_adapter: Any = fields.JSONField()
    file_pairs: Any = fields.JSONField()

    class Meta:
        """The table."""

        table = "brands_program"


class TierRow(Model):
    """One tier of one program."""

    program_id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    rank = fields.IntField()
    name = fields.TextField()
    name_zh = fields.TextField()
    level = fields.IntField()

    class Meta:
        """The table."""

        table = "brands_tier"


class RateRow(Model):
    """One version of a program's prices, or of a pair's."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    target_id = fields.UUIDField(null=True)
    version = fields.IntField()
    sell_micro = fields.BigIntField()
    buy_micro = fields.BigIntField()
    fee_bp = fields.IntField()
    fee_fixed_micro = fields.BigIntField()
    tier_fees: Any = fields.JSONField()
    valid_from = fields.DatetimeField()
    valid_to = fields.DatetimeField(null=True)
    submitted_by = fields.TextField()
    submitted_at = fields.DatetimeField()
    approved_by = fields.TextField()
    approved_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "brands_rate"


class RateProposalRow(Model):
    """A change of prices that waits, or waited, for a second person."""

    id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField(unique=True)
    kind = fields.TextField()
    program_id = fields.UUIDField()
    target_id = fields.UUIDField(null=True)
    terms: Any = fields.JSONField(null=True)
    valid_from = fields.DatetimeField(null=True)
    valid_to = fields.DatetimeField(null=True)
    follows_id = fields.UUIDField(null=True)
    pause_id = fields.UUIDField(null=True)
    digest = fields.TextField()
    moved_bp = fields.IntField()
    submitted_by = fields.TextField()
    submitted_at = fields.DatetimeField()
    reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)
    rate_id = fields.UUIDField(null=True)

    class Meta:
        """The table."""

        table = "brands_rate_proposal"


class RatePauseRow(Model):
    """Exchanges that are stopped until two persons resume them."""

    id = fields.UUIDField(primary_key=True)
    source_id = fields.UUIDField(null=True)
    target_id = fields.UUIDField(null=True)
    moved_bp = fields.IntField()
    reason = fields.TextField()
    since = fields.DatetimeField()
    resumed_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "brands_rate_pause"


class RightRow(Model):
    """The standing terms of a right."""

    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    issuer_id = fields.UUIDField()
    name = fields.TextField()
    name_zh = fields.TextField()
    kind = fields.TextField()
    honouring_ids = ArrayField(element_type="uuid")
    prices: Any = fields.JSONField()
    uses = fields.IntField()
    valid_hours = fields.IntField(null=True)
    valid_first_day = fields.DateField(null=True)
    valid_last_day = fields.DateField(null=True)
    valid_time_zone = fields.TextField(null=True)
    stock = fields.BigIntField(null=True)
    settlement_price = fields.BigIntField()
    transferable = fields.BooleanField()
    eligibility: Any = fields.JSONField()
    withdrawn = fields.BooleanField()

    class Meta:
        """The table."""

        table = "brands_right"


class SettlementRow(Model):
    """Which settlement model a participant, or a pair, has agreed on; the latest is in force."""

    id = fields.UUIDField(primary_key=True)
    participant_id = fields.UUIDField()
    other_id = fields.UUIDField(null=True)
    model = fields.TextField()
    agreed_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "brands_settlement"


class SettledRow(Model):
    """In which settlement model an exchange, grant or redemption stands, where it is not the network's."""

    reference = fields.UUIDField(primary_key=True)
    model = fields.TextField()

    class Meta:
        """The table."""

        table = "brands_settled"


class ClientRow(Model):
    """An OAuth2 client."""

    id = fields.CharField(primary_key=True, max_length=48)
    brand_id = fields.UUIDField()
    name = fields.TextField()
    till = fields.TextField(null=True)
    scopes = ArrayField(element_type="text")
    secret_hash = fields.TextField()
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "brands_client"


class SecretRow(Model):
    """A secret of a brand's system, encrypted."""

    program_id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    sealed = fields.BinaryField()
    set_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "brands_secret"


class RevisionRow(Model):
    """What changed, and when."""

    number = fields.BigIntField(primary_key=True)
    id = fields.UUIDField(unique=True)
    source = fields.TextField()
    changes: Any = fields.JSONField()
    made_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "brands_revision"


class CertificationRow(Model):
    """A run of the conformance suite."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    certified_by = fields.TextField()
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField()
    passed = fields.IntField()
    failed = fields.IntField()
    skipped = fields.IntField()
    undecided = fields.IntField()
    report_digest = fields.BinaryField()
    adapter_digest = fields.BinaryField()
    report: Any = fields.JSONField(null=True)

    class Meta:
        """The table."""

        table = "brands_certification"


class AdapterProposalRow(Model):
    """A changed configuration that waits, or waited, for a second person."""

    id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField(unique=True)
    program_id = fields.UUIDField()
    adapter: Any = fields.JSONField()
    follows = fields.BinaryField()
    digest = fields.TextField()
    submitted_by = fields.TextField()
    submitted_at = fields.DatetimeField()
    reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "brands_adapter_proposal"


class CertificationRequestRow(Model):
    """A run of the conformance suite that somebody asked for."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    wanted: Any = fields.JSONField()
    asked_by = fields.TextField()
    asked_at = fields.DatetimeField()
    begun_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    certification_id = fields.UUIDField(null=True)
    failure = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "brands_certification_request"
