"""What counts for limits: one row for each card and program it is exchanged into, and one for each program.

A row holds the sums of the present day, month and year of the program whose limit it is, and begins anew with the next.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

_SUMS = """
    day_start date NOT NULL,
    day_amount bigint NOT NULL CHECK (day_amount >= 0),
    month_start date NOT NULL,
    month_amount bigint NOT NULL CHECK (month_amount >= day_amount),
    year_start date NOT NULL,
    year_amount bigint NOT NULL CHECK (year_amount >= month_amount),
    total_amount bigint NOT NULL CHECK (total_amount >= 0),
"""

USAGE = f"""
DROP TABLE exchange_usage;
CREATE TABLE exchange_usage (
    membership_id uuid,
    target_program_id uuid,
    {_SUMS}
    PRIMARY KEY (membership_id, target_program_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE exchange_usage IS 'minor units that a card gave up for points of another program';
REVOKE DELETE ON exchange_usage FROM agio_app;

CREATE TABLE exchange_issuance (
    program_id uuid PRIMARY KEY,
    {_SUMS.strip().rstrip(",")}
) WITH (fillfactor = 50);
COMMENT ON TABLE exchange_issuance IS 'minor units of a program that exchanges issued';
REVOKE DELETE ON exchange_issuance FROM agio_app;

CREATE TABLE exchange_usage_return (
    id uuid PRIMARY KEY,
    exchange_id uuid NOT NULL,
    source_amount bigint NOT NULL CHECK (source_amount >= 0),
    target_amount bigint NOT NULL CHECK (target_amount >= 0),
    returned_at timestamptz NOT NULL
);
CREATE INDEX exchange_usage_return_exchange ON exchange_usage_return (exchange_id);
COMMENT ON TABLE exchange_usage_return IS 'what no longer counts, because it was refused, refunded or reversed';
REVOKE UPDATE, DELETE ON exchange_usage_return FROM agio_app;
"""

COUNT = """
WITH counted AS (
    SELECT source_membership_id, target_program_id, source_amount,
        (accepted_at AT TIME ZONE source.time_zone)::date AS day,
        max((accepted_at AT TIME ZONE source.time_zone)::date) OVER pair AS latest
    FROM exchange_exchange AS exchange JOIN brands_program AS source ON source.id = exchange.source_program_id
    WINDOW pair AS (PARTITION BY source_membership_id, target_program_id)
)
INSERT INTO exchange_usage
SELECT source_membership_id, target_program_id,
    latest, sum(source_amount) FILTER (WHERE day = latest),
    date_trunc('month', latest)::date, sum(source_amount) FILTER (WHERE day >= date_trunc('month', latest)),
    date_trunc('year', latest)::date, sum(source_amount) FILTER (WHERE day >= date_trunc('year', latest)),
    sum(source_amount)
FROM counted GROUP BY source_membership_id, target_program_id, latest;

WITH counted AS (
    SELECT target_program_id, target_amount, (accepted_at AT TIME ZONE target.time_zone)::date AS day,
        max((accepted_at AT TIME ZONE target.time_zone)::date) OVER (PARTITION BY target_program_id) AS latest
    FROM exchange_exchange AS exchange JOIN brands_program AS target ON target.id = exchange.target_program_id
)
INSERT INTO exchange_issuance
SELECT target_program_id,
    latest, sum(target_amount) FILTER (WHERE day = latest),
    date_trunc('month', latest)::date, sum(target_amount) FILTER (WHERE day >= date_trunc('month', latest)),
    date_trunc('year', latest)::date, sum(target_amount) FILTER (WHERE day >= date_trunc('year', latest)),
    sum(target_amount)
FROM counted GROUP BY target_program_id, latest;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_terms")]
    operations = [RunSQL(USAGE), RunSQL(COUNT)]
