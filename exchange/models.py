"""The tables of exchanges. Private to the package: others call functions and get frozen values.

The hot path writes them with its own SQL; these models serve reads and the house test that compares them with the
real tables.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from exchange.saga.models import GuardRow as GuardRow
from exchange.saga.models import LockoutRow as LockoutRow


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


class _Sums(Model):
    """Minor units of the latest day, month and year in which there were any, and of all times."""

    day_start = fields.DateField()
    day_amount = fields.BigIntField()
    month_start = fields.DateField()
    month_amount = fields.BigIntField()
    year_start = fields.DateField()
    year_amount = fields.BigIntField()
    total_amount = fields.BigIntField()

    class Meta:
        """Columns only; the tables are below."""

        abstract = True


class UsageRow(_Sums):
    """How much a card gave up for another program's points; a limit costs one probe, however many exchanges.

    The key is card and target; Tortoise knows no composite keys.
    """

    membership_id = fields.UUIDField(primary_key=True)
    target_program_id = fields.UUIDField()

    class Meta:
        """The table."""

        table = "exchange_usage"


class IssuanceRow(_Sums):
    """How much of a program exchanges issued."""

    program_id = fields.UUIDField(primary_key=True)

    class Meta:
        """The table."""

        table = "exchange_issuance"


class UsageReturnRow(Model):
    """What no longer counts; never changed."""

    id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    source_amount = fields.BigIntField()
    target_amount = fields.BigIntField()
    returned_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_usage_return"


class CapCrossingRow(Model):
    """A threshold of a net debit cap that was crossed, and when it was left again."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    kind = fields.TextField()
    threshold = fields.IntField()
    crossed_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "exchange_cap_crossing"


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
    pending_days = fields.IntField()
    available_at = fields.DatetimeField(null=True)
    reverses_id = fields.UUIDField(null=True)

    class Meta:
        """The table."""

        table = "exchange_movement"


class ErrandRow(Model):
    """One thing asked of one brand's system, and how far it is."""

    id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    role = fields.TextField()
    sequence = fields.IntField()
    program_id = fields.UUIDField()
    amount = fields.BigIntField()
    created_at = fields.DatetimeField()
    outcome = fields.TextField(null=True)
    failure = fields.TextField(null=True)
    ended_at = fields.DatetimeField(null=True)
    mode = fields.TextField()
    due_at = fields.DatetimeField(null=True)
    deadline_at = fields.DatetimeField(null=True)
    attempts = fields.IntField()
    sends = fields.IntField()
    first_sent_at = fields.DatetimeField(null=True)
    last_sent_at = fields.DatetimeField(null=True)
    ambiguous = fields.BooleanField()
    call_id = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    brand_reference = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "exchange_errand"


class CallRow(Model):
    """A call to a brand's system, written before it is made; never changed."""

    id = fields.UUIDField(primary_key=True)
    errand_id = fields.UUIDField()
    mode = fields.TextField()
    attempt = fields.IntField()
    called_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_call"


class AnswerRow(Model):
    """What a brand's system answered; never changed."""

    call_id = fields.UUIDField(primary_key=True)
    answer = fields.TextField()
    failure = fields.TextField(null=True)
    final = fields.BooleanField(null=True)
    brand_reference = fields.TextField(null=True)
    brand_code = fields.TextField(null=True)
    message = fields.TextField(null=True)
    booked_at = fields.DatetimeField(null=True)
    messages: Any = fields.JSONField(null=True)
    answered_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_answer"


class ReversalRow(Model):
    """All or a part of a completed exchange taken back."""

    id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    sequence = fields.IntField()
    source_amount = fields.BigIntField()
    target_amount = fields.BigIntField()
    value_micro = fields.BigIntField()
    credit_micro = fields.BigIntField()
    requested_by = fields.TextField()
    idempotency_key = fields.TextField()
    reason = fields.TextField()
    requested_at = fields.DatetimeField()
    state = fields.TextField()
    failure = fields.TextField(null=True)
    taken_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "exchange_reversal"


class CaseRow(Model):
    """A matter for persons."""

    id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    errand_id = fields.UUIDField()
    kind = fields.TextField()
    reason = fields.TextField()
    opened_at = fields.DatetimeField()
    owner = fields.TextField()
    due_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    closed_as = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "exchange_case"


class CaseDecisionRow(Model):
    """What one person proposed for a case, and another decided."""

    id = fields.UUIDField(primary_key=True)
    case_id = fields.UUIDField()
    action = fields.TextField()
    digest = fields.TextField()
    proposed_by = fields.TextField()
    proposed_at = fields.DatetimeField()
    proposed_reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "exchange_case_decision"


class LateSuccessRow(Model):
    """An errand that was done after its exchange had come to nothing; never changed."""

    errand_id = fields.UUIDField(primary_key=True)
    exchange_id = fields.UUIDField()
    found_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "exchange_late_success"


class MemberHandleRow(Model):
    """The number that names a member in the codes shown at tills."""

    member_id = fields.UUIDField(primary_key=True)
    handle = fields.BigIntField()

    class Meta:
        """The table."""

        table = "exchange_member_handle"


class BatchRow(Model):
    """A bulk of awards and burns that a brand sent under one name."""

    id = fields.UUIDField(primary_key=True)
    client_id = fields.TextField()
    key = fields.TextField()
    brand_id = fields.UUIDField()
    program_id = fields.UUIDField()
    digest = fields.BinaryField()
    row_count = fields.IntField()
    opened_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "exchange_batch"


class BatchRowRow(Model):
    """What became of one row of a batch. The key is batch and number; Tortoise knows no such keys."""

    batch_id = fields.UUIDField(primary_key=True)
    number = fields.IntField()
    key = fields.TextField()
    movement_id = fields.UUIDField(null=True)
    refusal = fields.TextField(null=True)
    message = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "exchange_batch_row"
