"""Jobs are looked for queue by queue: along the index that has all queues in one row, thousands of one are walked past."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = [("exchange", "0031_opening_once")]
    operations = [RunSQL("DROP INDEX pgqueuer_priority_id_id1_idx")]
