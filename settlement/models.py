"""The tables of settlement. Private to the package: other packages get the values of `figures` and `windows`."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from settlement.agreement_rows import AttemptRow as AttemptRow
from settlement.agreement_rows import ModelParticipantRow as ModelParticipantRow
from settlement.agreement_rows import ModelRow as ModelRow
from settlement.agreement_rows import ObligationRow as ObligationRow
from settlement.cash.rows import AdjustmentRow as AdjustmentRow
from settlement.cash.rows import DepositRow as DepositRow
from settlement.cash.rows import DisputeEndRow as DisputeEndRow
from settlement.cash.rows import DisputeRow as DisputeRow
from settlement.cash.rows import EarmarkRow as EarmarkRow
from settlement.cash.rows import OrderRow as OrderRow
from settlement.cash.rows import OwnRow as OwnRow
from settlement.cash.rows import ReturnedRow as ReturnedRow
from settlement.cash.rows import WithdrawalRow as WithdrawalRow
from settlement.statement_models import AdvicePartyRow as AdvicePartyRow
from settlement.statement_models import AdviceSealRow as AdviceSealRow
from settlement.statement_models import EstimateRow as EstimateRow


class WindowRow(Model):
    """A stretch of recorded time whose postings are settled together: (after, cut_off_at]."""

    id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField(unique=True)
    status = fields.TextField()
    opened_at = fields.DatetimeField()
    after = fields.DatetimeField(null=True)
    cut_off_at = fields.DatetimeField(null=True)
    in_flight = fields.BigIntField()
    model = fields.TextField()
    sequence = fields.BigIntField()
    terms: fields.JSONField[dict[str, object]] = fields.JSONField()

    class Meta:
        """The table."""

        table = "settlement_window"


class HistoryRow(Model):
    """One step of a window's life; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    sequence = fields.IntField()
    status = fields.TextField()
    actor = fields.TextField()
    reason = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_history"


class PositionRow(Model):
    """One participant's account of one window, in micro-CNY; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    name = fields.TextField()
    opening = fields.BigIntField()
    closing = fields.BigIntField()
    settled = fields.BigIntField()
    carried = fields.BigIntField()
    reserved = fields.BooleanField()
    both_ways = fields.BigIntField()

    class Meta:
        """The table."""

        table = "settlement_position"


class SubtotalRow(Model):
    """The lines of one kind in one position, in micro-CNY; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    code = fields.IntField()
    debits = fields.BigIntField()
    credits = fields.BigIntField()
    lines = fields.BigIntField()

    class Meta:
        """The table."""

        table = "settlement_subtotal"


class PaymentRow(Model):
    """One payment between a participant and the clearing house; never changed."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    payer_id = fields.UUIDField()
    payee_id = fields.UUIDField()
    amount_fen = fields.BigIntField()
    for_id = fields.UUIDField()

    class Meta:
        """The table."""

        table = "settlement_payment"


class ApprovalRow(Model):
    """What one person submitted and what another decided; decided once."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    digest = fields.TextField()
    submitted_by = fields.TextField()
    submitted_at = fields.DatetimeField()
    submitted_reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "settlement_approval"


class AdviceRow(Model):
    """One statement file as it was written; writing it again must give the same bytes."""

    id = fields.UUIDField(primary_key=True)
    window_id = fields.UUIDField()
    participant_id = fields.UUIDField()
    format = fields.TextField()
    file_name = fields.TextField()
    sha256 = fields.TextField()
    size_bytes = fields.BigIntField()
    lines = fields.BigIntField()
    producer = fields.TextField()

    class Meta:
        """The table."""

        table = "settlement_advice"


class ProposalRow(Model):
    """What one person proposed and what another decided; decided once."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    content: fields.JSONField[dict[str, object]] = fields.JSONField()
    proposed_by = fields.TextField()
    proposed_at = fields.DatetimeField()
    proposed_reason = fields.TextField()
    decision = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "settlement_proposal"


class BankAccountRow(Model):
    """Where a participant's money is sent, from an instant on; never changed."""

    id = fields.UUIDField(primary_key=True)
    participant_id = fields.UUIDField()
    holder = fields.TextField()
    number = fields.TextField()
    bank_code = fields.TextField()
    proposal_id = fields.UUIDField(unique=True)
    valid_from = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_bank_account"


class BankStatementRow(Model):
    """A statement of the operator's bank account; never changed."""

    id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField(unique=True)
    account = fields.TextField()
    statement = fields.TextField()
    digest = fields.TextField()
    opening_fen = fields.BigIntField()
    closing_fen = fields.BigIntField()
    imported_by = fields.TextField()
    imported_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_bank_statement"


class CashRow(Model):
    """One movement on the operator's bank account; never changed."""

    id = fields.UUIDField(primary_key=True)
    bank_statement_id = fields.UUIDField()
    account = fields.TextField()
    key = fields.TextField()
    amount_fen = fields.BigIntField()
    booked_on = fields.DateField()
    end_to_end_id = fields.TextField()
    text = fields.TextField()
    other_account = fields.TextField()
    other_name = fields.TextField()

    class Meta:
        """The table."""

        table = "settlement_cash"


class AllocationRow(Model):
    """The part of a movement that settles a part of a payment; never changed."""

    id = fields.UUIDField(primary_key=True)
    cash_id = fields.UUIDField(null=True)
    payment_id = fields.UUIDField(null=True)
    withdrawal_id = fields.UUIDField(null=True)
    amount_fen = fields.BigIntField()
    rule = fields.TextField()
    proposal_id = fields.UUIDField(null=True)
    allocated_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_allocation"


class BrandFileRow(Model):
    """A file in which a brand stated its movements; never changed."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    name = fields.TextField()
    digest = fields.TextField()
    correction = fields.BooleanField()
    first_day = fields.DateField()
    last_day = fields.DateField()
    rows = fields.BigIntField()
    imported_by = fields.TextField()
    imported_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_brand_file"


class BrandLineRow(Model):
    """One movement as a brand stated it; a correction makes it no longer current."""

    id = fields.UUIDField(primary_key=True)
    file_id = fields.UUIDField()
    program_id = fields.UUIDField()
    row = fields.IntField()
    key = fields.TextField()
    current = fields.BooleanField()
    loose = fields.BooleanField()
    booked = fields.BooleanField()
    reference = fields.TextField()
    asset = fields.TextField()
    amount = fields.BigIntField()
    member = fields.TextField()
    day = fields.DateField()

    class Meta:
        """The table."""

        table = "settlement_brand_line"


class QuarantineRow(Model):
    """A row of a brand's file that was not taken in; never changed."""

    id = fields.UUIDField(primary_key=True)
    file_id = fields.UUIDField()
    row = fields.IntField()
    column = fields.TextField()
    reason = fields.TextField()
    value = fields.TextField()

    class Meta:
        """The table."""

        table = "settlement_quarantine"


class MatchRow(Model):
    """One of our lines and one of a brand's that belong together."""

    transfer_id = fields.UUIDField(primary_key=True)  # Tortoise asks for a key; one of several lines has several rows
    program_id = fields.UUIDField()
    rule = fields.TextField()
    brand_line_id = fields.UUIDField()
    asset = fields.TextField()
    amount = fields.BigIntField()
    proposal_id = fields.UUIDField(null=True)
    matched_at = fields.DatetimeField()
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "settlement_match"


class BreakRow(Model):
    """Lines that do not agree, and who does what about it until when."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    anchor = fields.TextField()
    kind = fields.TextField()
    state = fields.TextField()
    ours: Any = fields.JSONField()
    theirs: Any = fields.JSONField()
    value_micro = fields.BigIntField()
    owner = fields.TextField()
    next_step = fields.TextField()
    due_on = fields.DateField()
    opened_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_break"


class BreakEventRow(Model):
    """What happened to a break; never changed."""

    id = fields.UUIDField(primary_key=True)
    break_id = fields.UUIDField()
    kind = fields.TextField()
    actor = fields.TextField()
    text = fields.TextField()
    proposal_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_break_event"


class WriteOffRow(Model):
    """Money given up because of a break; never changed."""

    id = fields.UUIDField(primary_key=True)
    break_id = fields.UUIDField()
    proposal_id = fields.UUIDField()
    kind = fields.TextField()
    participant_id = fields.UUIDField()
    amount_micro = fields.BigIntField()
    recorded_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "settlement_write_off"
