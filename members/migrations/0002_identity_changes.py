"""When it last changed to whom a record belongs, or which identifiers it carries."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

CHANGES = """
ALTER TABLE members_record ADD COLUMN identity_changed_at timestamptz;
COMMENT ON COLUMN members_record.identity_changed_at IS 'linked, merged, separated, or an identifier came or went; null: not since it was recorded';
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_members")]
    operations = [RunSQL(CHANGES)]
