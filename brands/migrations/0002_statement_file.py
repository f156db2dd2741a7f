"""How a brand states a program's movements."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

STATEMENT_FILE = """
ALTER TABLE brands_program ADD COLUMN statement_file jsonb;
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_network")]
    operations = [RunSQL(STATEMENT_FILE)]
