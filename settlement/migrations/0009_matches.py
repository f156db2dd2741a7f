"""Matches by the million: that a decision exists and is approved is what the trigger checks, for those that have one.

The reference to the proposal was checked once more for each of a million rows that have none.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

MATCH = "ALTER TABLE settlement_match DROP CONSTRAINT settlement_match_proposal_id_fkey;"


class Migration(migrations.Migration):
    dependencies = [("settlement", "0008_evidence")]
    operations = [RunSQL(MATCH)]
