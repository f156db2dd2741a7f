"""Why a worker's guard lets no call to a brand pass."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

REASON = "ALTER TABLE exchange_guard ADD COLUMN reason text NOT NULL DEFAULT '';"


class Migration(migrations.Migration):
    dependencies = [("exchange", "0012_guards")]
    operations = [RunSQL(REASON)]
