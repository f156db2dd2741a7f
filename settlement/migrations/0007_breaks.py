"""More kinds of breaks, what may be done about them, and lines and matches by the million.

A line says itself whether it is loose (current and not matched), so that a run reads the new file and what is left of
the old ones, however long the history is. Matches and lines lost their references to other tables: checking each of a
million took as long as everything else; `agio audit` looks at all of them at once.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LOOSE = """
ALTER TABLE settlement_brand_line ADD COLUMN loose boolean NOT NULL DEFAULT false;
ALTER TABLE settlement_brand_line ADD CHECK (NOT loose OR (current AND amount <> 0));
UPDATE settlement_brand_line AS line SET loose = true
WHERE current AND amount <> 0 AND NOT EXISTS (
    SELECT FROM settlement_match WHERE brand_line_id = line.id AND undone_at IS NULL
);
COMMENT ON COLUMN settlement_brand_line.loose IS 'current and not matched';
CREATE INDEX settlement_brand_line_loose ON settlement_brand_line (program_id) WHERE loose;
DROP INDEX settlement_brand_line_key;
CREATE INDEX settlement_brand_line_replaced ON settlement_brand_line (program_id, key) WHERE NOT current;
ALTER TABLE settlement_brand_line DROP CONSTRAINT settlement_brand_line_file_id_fkey;
ALTER TABLE settlement_match DROP CONSTRAINT settlement_match_brand_line_id_fkey;
GRANT UPDATE (loose) ON settlement_brand_line TO agio_app;
"""

RULES = """
ALTER TABLE settlement_match DROP CONSTRAINT settlement_match_rule_check;
ALTER TABLE settlement_match ADD CONSTRAINT settlement_match_rule_check CHECK (rule IN (
    'REFERENCE', 'BRAND_REFERENCE', 'MEMBER', 'SPLIT', 'BATCH', 'SUGGESTED', 'PERSON'));

ALTER TABLE settlement_break DROP CONSTRAINT settlement_break_kind_check;
ALTER TABLE settlement_break ADD CONSTRAINT settlement_break_kind_check CHECK (kind IN (
    'MISSING_AT_BRAND', 'MISSING_HERE', 'AMOUNT', 'ASSET', 'STATUS', 'DUPLICATE', 'REVERSAL', 'LATE_SUCCESS', 'WINDOW',
    'RATE', 'FEE'));
ALTER TABLE settlement_break_event DROP CONSTRAINT settlement_break_event_kind_check;
ALTER TABLE settlement_break_event ADD CONSTRAINT settlement_break_event_kind_check CHECK (kind IN (
    'OPENED', 'CHANGED', 'CLOSED', 'REOPENED', 'COMMENT', 'ASSIGNED', 'WAIT', 'EVIDENCE', 'OVERDUE', 'SUGGESTED',
    'FORCED_MATCH', 'WRITE_OFF', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST'));
ALTER TABLE settlement_break_event DROP CONSTRAINT settlement_break_event_check;
ALTER TABLE settlement_break_event ADD CONSTRAINT settlement_break_event_decided CHECK (
    (proposal_id IS NOT NULL) = (kind IN ('FORCED_MATCH', 'WRITE_OFF', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST')));
"""

MOVED = """
ALTER TABLE settlement_write_off ADD COLUMN kind text NOT NULL DEFAULT 'WRITE_OFF'
    CHECK (kind IN ('WRITE_OFF', 'DISPUTE'));
COMMENT ON COLUMN settlement_write_off.kind IS
    'DISPUTE: moved until it is decided; then taken back by the opposite, and a write-off when it was won';
ALTER TABLE settlement_write_off DROP CONSTRAINT settlement_write_off_proposal_id_key;
ALTER TABLE settlement_write_off ADD UNIQUE (proposal_id, kind);
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0004_models")]
    operations = [RunSQL(LOOSE), RunSQL(RULES), RunSQL(MOVED)]
