"""Lines and matches by the million: indexes that say what differs first, and no more of them than are read.

A brand's keys differ where all lines of a program have the same program. A match is found by its transfer; a number of
its own was read by nobody, and checking that it is the only one cost more than all the rest of the index.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LINES = """
CREATE UNIQUE INDEX settlement_brand_line_key ON settlement_brand_line (key, program_id) WHERE current;
DROP INDEX settlement_brand_line_current;
ALTER INDEX settlement_brand_line_key RENAME TO settlement_brand_line_current;
"""

MATCHES = """
ALTER TABLE settlement_match DROP COLUMN id;
CREATE INDEX settlement_match_of_transfer ON settlement_match (transfer_id) WHERE undone_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0018_narrow_matches")]
    operations = [RunSQL(LINES), RunSQL(MATCHES)]
