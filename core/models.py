"""The tables of core."""

from tortoise import fields
from tortoise.models import Model


class AppliedMigration(Model):
    """A migration that has been applied. Tortoise's executor makes this table and writes it."""

    id = fields.IntField(primary_key=True)
    app = fields.CharField(max_length=255)
    name = fields.CharField(max_length=255)
    applied_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "tortoise_migrations"
