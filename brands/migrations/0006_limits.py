"""Limits of a member's months and years, of pairs, after a change of identity, and on what exchanges may issue."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LIMITS = """
ALTER TABLE brands_program
    ADD COLUMN member_month_max bigint CHECK (member_month_max >= member_day_max),
    ADD COLUMN member_year_max bigint CHECK (member_year_max >= coalesce(member_month_max, member_day_max)),
    ADD COLUMN cooling_off_hours int NOT NULL DEFAULT 0 CHECK (cooling_off_hours >= 0),
    ADD COLUMN pair_limits jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN issuance_limits jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN brands_program.pair_limits IS 'by the target''s code: minor units of this program by day, month, year';
COMMENT ON COLUMN brands_program.issuance_limits IS 'minor units that exchanges may issue by day, month, year';
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_network")]
    operations = [RunSQL(LIMITS)]
