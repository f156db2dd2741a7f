"""Matches by the million: a match says which line is which transfer, and by what rule; what the two say is theirs.

Our reference, the brand's, the member and the day stand in the ledger, and what was matched together is reached from
any of it, since each of our lines has a row with each of the brand's. One index instead of three: a transfer's matches,
which are written in its order.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

NARROW = """
DROP INDEX settlement_match_of_reference;
DROP INDEX settlement_match_of_transfer;
ALTER TABLE settlement_match
    DROP COLUMN id,
    DROP COLUMN group_id,
    DROP COLUMN reference,
    DROP COLUMN brand_reference,
    DROP COLUMN member,
    DROP COLUMN day;
ALTER TABLE settlement_match ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY (CACHE 100);
ALTER TABLE settlement_match ADD PRIMARY KEY (transfer_id, id);
COMMENT ON COLUMN settlement_match.amount IS 'ours; the brand''s is with its line, and may differ in money';
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0017_match_indexes")]
    operations = [RunSQL(NARROW)]
