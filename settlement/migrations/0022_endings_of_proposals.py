"""How a proposal ends without a second person: its proposer takes it back, or it can no longer be done."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ENDINGS = """
ALTER TABLE settlement_proposal DROP CONSTRAINT settlement_proposal_decision_check;
ALTER TABLE settlement_proposal ADD CONSTRAINT settlement_proposal_decision_check
    CHECK (decision IN ('APPROVED', 'REJECTED', 'RETRACTED', 'LAPSED', 'SUPERSEDED'));
ALTER TABLE settlement_proposal ADD CONSTRAINT settlement_proposal_retracted_by_its_proposer
    CHECK (decision IS DISTINCT FROM 'RETRACTED' OR decided_by = proposed_by);
COMMENT ON COLUMN settlement_proposal.decision IS 'how it ended; null: it waits for a second person';
"""

ABOUT = """
CREATE INDEX settlement_proposal_of_break ON settlement_proposal ((content ->> 'break_id'))
    WHERE content ->> 'break_id' IS NOT NULL;
CREATE INDEX settlement_proposal_of_match ON settlement_proposal USING gin ((content -> 'breaks'))
    WHERE kind = 'FORCED_MATCH';
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0020_keys_first")]
    operations = [RunSQL(ENDINGS), RunSQL(ABOUT)]
