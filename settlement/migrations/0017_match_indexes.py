"""Matches by the million: fewer and narrower indexes, which took longer to write than the matches themselves.

That of the brand's lines had one reader, which looked through all matches besides. Our references come in their order,
as long as nothing stands before them in the index.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

INDEXES = """
DROP INDEX settlement_match_of_line;
DROP INDEX settlement_match_of_reference;
CREATE INDEX settlement_match_of_reference ON settlement_match (reference) WHERE undone_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0016_disputed")]
    operations = [RunSQL(INDEXES)]
