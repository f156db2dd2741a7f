"""The prices of pairs that a network file names."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PAIRS = """
ALTER TABLE brands_program ADD COLUMN file_pairs jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN brands_program.file_pairs IS 'by target''s code: the special prices its network file names';
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0011_adapter_proposals")]
    operations = [RunSQL(PAIRS)]
