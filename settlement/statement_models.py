"""The tables of statements beside `settlement_advice`. Private to the package."""

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
