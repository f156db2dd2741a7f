"""How far each watch of net debit caps has read the positions, so that none of their lows is missed."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LOOK = """
CREATE TABLE exchange_cap_look (
    account_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('PERCENT', 'HOURS')),
    read_until timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind)
);
COMMENT ON COLUMN exchange_cap_look.read_until IS 'the latest batch of the position that was looked at';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0012_guards")]
    operations = [RunSQL(LOOK)]
