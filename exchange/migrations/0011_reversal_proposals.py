"""Reversals that staff propose wait for a second person."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PROPOSALS = """
ALTER TABLE exchange_reversal
    ADD COLUMN decided_by text,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_reason text,
    DROP CONSTRAINT exchange_reversal_state_check,
    ADD CONSTRAINT exchange_reversal_state_check
        CHECK (state IN ('PROPOSED', 'OPEN', 'TAKEN', 'DONE', 'REFUSED', 'REJECTED')),
    DROP CONSTRAINT exchange_reversal_check,
    ADD CONSTRAINT exchange_reversal_ended CHECK ((state IN ('DONE', 'REFUSED', 'REJECTED')) = (ended_at IS NOT NULL)),
    ADD CONSTRAINT exchange_reversal_decided
        CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (state <> 'PROPOSED' OR decided_by IS NULL)),
    ADD CONSTRAINT exchange_reversal_two_persons CHECK (state = 'REJECTED' OR decided_by <> requested_by);
DROP INDEX exchange_reversal_one_at_a_time;
CREATE UNIQUE INDEX exchange_reversal_one_at_a_time ON exchange_reversal (exchange_id)
    WHERE state IN ('PROPOSED', 'OPEN', 'TAKEN');
GRANT UPDATE (decided_by, decided_at, decided_reason) ON exchange_reversal TO agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(PROPOSALS)]
