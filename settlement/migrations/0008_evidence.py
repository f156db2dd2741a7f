"""Evidence that is added to a break without resolving it."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ATTACHED = """
ALTER TABLE settlement_break_event DROP CONSTRAINT settlement_break_event_kind_check;
ALTER TABLE settlement_break_event ADD CONSTRAINT settlement_break_event_kind_check CHECK (kind IN (
    'OPENED', 'CHANGED', 'CLOSED', 'REOPENED', 'COMMENT', 'ATTACHED', 'ASSIGNED', 'WAIT', 'EVIDENCE', 'OVERDUE',
    'SUGGESTED', 'FORCED_MATCH', 'WRITE_OFF', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST'));
CREATE INDEX settlement_break_due ON settlement_break (due_on, id) WHERE state = 'OPEN';
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0007_breaks")]
    operations = [RunSQL(ATTACHED)]
