"""When a participant is warned that its net debit cap runs out."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

WARNINGS = """
ALTER TABLE brands_brand
    ADD COLUMN cap_warnings int[] NOT NULL DEFAULT '{80,95}',
    ADD COLUMN cap_warning_hours int NOT NULL DEFAULT 24 CHECK (cap_warning_hours >= 0);
COMMENT ON COLUMN brands_brand.cap_warnings IS 'per cent of the net debit cap';
COMMENT ON COLUMN brands_brand.cap_warning_hours IS 'warn when it runs out within these hours at the present pace; 0: never';
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_network")]
    operations = [RunSQL(WARNINGS)]
