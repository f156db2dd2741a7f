"""The tables of the adapters package. Private to it; hand-written SQL reads and writes them."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class DropFileRow(Model):
    """A file to or from a brand."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    outgoing = fields.BooleanField()
    name = fields.TextField()
    number = fields.IntField()
    day = fields.DateField(null=True)
    state = fields.TextField()
    digest = fields.TextField()
    content = fields.BinaryField()
    row_count = fields.IntField()
    problems: Any = fields.JSONField()
    made_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "adapters_drop_file"


class DropInstructionRow(Model):
    """An instruction that travels by file."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    reference = fields.TextField()
    call = fields.TextField()
    number = fields.TextField()
    amount = fields.BigIntField()
    content: Any = fields.JSONField()
    accepted_at = fields.DatetimeField()
    file_id = fields.UUIDField(null=True)
    outcome = fields.TextField(null=True)
    failure = fields.TextField(null=True)
    code = fields.TextField(null=True)
    message = fields.TextField(null=True)
    brand_reference = fields.TextField(null=True)
    balance = fields.BigIntField(null=True)
    answer_id = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "adapters_drop_instruction"
