"""Thresholds of net debit caps that were crossed: each is told once, until it is left again."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

CROSSING = """
CREATE TABLE exchange_cap_crossing (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('PERCENT', 'HOURS')),
    threshold int NOT NULL CHECK (threshold > 0),
    crossed_at timestamptz NOT NULL,
    left_at timestamptz CHECK (left_at >= crossed_at)
);
CREATE UNIQUE INDEX exchange_cap_crossing_standing ON exchange_cap_crossing (account_id, kind, threshold)
    WHERE left_at IS NULL;
COMMENT ON COLUMN exchange_cap_crossing.threshold IS 'per cent of the cap, or hours until it runs out';
REVOKE UPDATE, DELETE ON exchange_cap_crossing FROM agio_app;
GRANT UPDATE (left_at) ON exchange_cap_crossing TO agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0003_usage")]
    operations = [RunSQL(CROSSING)]
