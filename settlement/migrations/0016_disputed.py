"""What is disputed because of a break is a balance of its own, and may be won in part."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

DISPUTED = """
ALTER TABLE settlement_write_off DROP CONSTRAINT settlement_write_off_kind_check;
ALTER TABLE settlement_write_off ADD CONSTRAINT settlement_write_off_kind_check
    CHECK (kind IN ('WRITE_OFF', 'DISPUTE', 'DISPUTE_WON'));
COMMENT ON COLUMN settlement_write_off.kind IS
    'DISPUTE: between the position and what is disputed, there or back; DISPUTE_WON: what stays, borne by the operator';
ALTER TABLE settlement_break_event DROP CONSTRAINT settlement_break_event_kind_check;
ALTER TABLE settlement_break_event ADD CONSTRAINT settlement_break_event_kind_check CHECK (kind IN (
    'OPENED', 'CHANGED', 'CLOSED', 'REOPENED', 'COMMENT', 'ATTACHED', 'ASSIGNED', 'WAIT', 'EVIDENCE', 'OVERDUE',
    'SUGGESTED', 'FORCED_MATCH', 'WRITE_OFF', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_PARTLY_WON', 'DISPUTE_LOST'));
ALTER TABLE settlement_break_event DROP CONSTRAINT settlement_break_event_decided;
ALTER TABLE settlement_break_event ADD CONSTRAINT settlement_break_event_decided CHECK (
    (proposal_id IS NOT NULL) = (kind IN (
        'FORCED_MATCH', 'WRITE_OFF', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_PARTLY_WON', 'DISPUTE_LOST')));
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0007_breaks")]
    operations = [RunSQL(DISPUTED)]
