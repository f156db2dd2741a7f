"""What brands state in their files, what of it is which of our lines, and the breaks that are left.

Files, lines, events and write-offs are append-only. A line that a correction replaces stays, no longer current; a match
that no longer holds stays, with the instant at which it was undone.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

STATED = """
CREATE TABLE settlement_brand_file (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    name text NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    correction boolean NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    rows bigint NOT NULL CHECK (rows >= 0),
    imported_by text NOT NULL CHECK (imported_by <> ''),
    imported_at timestamptz NOT NULL,
    UNIQUE (program_id, digest)
);
REVOKE UPDATE, DELETE ON settlement_brand_file FROM agio_app;

CREATE TABLE settlement_brand_line (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL REFERENCES settlement_brand_file,
    program_id uuid NOT NULL,
    row integer NOT NULL,
    key text NOT NULL CHECK (key <> ''),
    current boolean NOT NULL DEFAULT true,
    booked boolean NOT NULL,
    reference text NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    member text NOT NULL,
    day date NOT NULL,
    CHECK (amount <> 0 OR NOT booked)
);
CREATE UNIQUE INDEX settlement_brand_line_current ON settlement_brand_line (program_id, key) WHERE current;
CREATE INDEX settlement_brand_line_key ON settlement_brand_line (program_id, key);
COMMENT ON COLUMN settlement_brand_line.key IS 'the brand''s own reference; a correction replaces the line that has it';
COMMENT ON COLUMN settlement_brand_line.amount IS 'as the member sees it; zero: the brand has taken the line back';
REVOKE UPDATE, DELETE ON settlement_brand_line FROM agio_app;
GRANT UPDATE (current) ON settlement_brand_line TO agio_app;

CREATE TABLE settlement_quarantine (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL REFERENCES settlement_brand_file,
    row integer NOT NULL,
    "column" text NOT NULL,
    reason text NOT NULL,
    value text NOT NULL
);
CREATE INDEX settlement_quarantine_of_file ON settlement_quarantine (file_id);
REVOKE UPDATE, DELETE ON settlement_quarantine FROM agio_app;
"""

MATCHED = """
CREATE TABLE settlement_match (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    group_id uuid NOT NULL,
    rule text NOT NULL CHECK (rule IN ('REFERENCE', 'BRAND_REFERENCE', 'MEMBER', 'SPLIT', 'BATCH', 'PERSON')),
    brand_line_id uuid NOT NULL REFERENCES settlement_brand_line,
    transfer_id uuid NOT NULL,
    reference text NOT NULL,
    brand_reference text NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    member text NOT NULL,
    day date NOT NULL,
    proposal_id uuid REFERENCES settlement_proposal CHECK ((proposal_id IS NOT NULL) = (rule = 'PERSON')),
    matched_at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX settlement_match_of_line ON settlement_match (brand_line_id) WHERE undone_at IS NULL;
CREATE INDEX settlement_match_of_transfer ON settlement_match (transfer_id) WHERE undone_at IS NULL;
CREATE INDEX settlement_match_of_reference ON settlement_match (program_id, reference) WHERE undone_at IS NULL;
COMMENT ON TABLE settlement_match IS 'one row for each of our lines and each of the brand''s lines in a group';
CREATE TRIGGER settlement_match_approved BEFORE INSERT ON settlement_match
    FOR EACH ROW WHEN (NEW.proposal_id IS NOT NULL) EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_match FROM agio_app;
GRANT UPDATE (undone_at) ON settlement_match TO agio_app;
"""

BREAK = """
ALTER TABLE settlement_proposal DROP CONSTRAINT settlement_proposal_kind_check;
ALTER TABLE settlement_proposal ADD CONSTRAINT settlement_proposal_kind_check
    CHECK (kind IN ('BANK_ACCOUNT', 'ALLOCATION', 'FORCED_MATCH', 'WRITE_OFF'));

CREATE TABLE settlement_break (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    anchor text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'MISSING_AT_BRAND', 'MISSING_HERE', 'AMOUNT', 'ASSET', 'STATUS', 'DUPLICATE', 'REVERSAL')),
    state text NOT NULL CHECK (state IN ('OPEN', 'RESOLVED', 'CLOSED')),
    ours jsonb NOT NULL,
    theirs jsonb NOT NULL,
    value_micro bigint NOT NULL,
    owner text NOT NULL CHECK (owner <> ''),
    next_step text NOT NULL CHECK (next_step <> ''),
    due_on date NOT NULL,
    opened_at timestamptz NOT NULL,
    UNIQUE (program_id, anchor)
);
CREATE INDEX settlement_break_open ON settlement_break (abs(value_micro) DESC, id) WHERE state = 'OPEN';
COMMENT ON COLUMN settlement_break.anchor IS 'the line by which the break is known from one file to the next';
COMMENT ON COLUMN settlement_break.value_micro IS 'what the brand''s lines are worth more than ours, in micro-CNY';
REVOKE UPDATE, DELETE ON settlement_break FROM agio_app;
GRANT UPDATE (kind, state, ours, theirs, value_micro, owner, next_step, due_on, opened_at) ON settlement_break TO agio_app;

CREATE TABLE settlement_break_event (
    id uuid PRIMARY KEY,
    break_id uuid NOT NULL REFERENCES settlement_break,
    kind text NOT NULL CHECK (kind IN (
        'OPENED', 'CHANGED', 'CLOSED', 'REOPENED', 'COMMENT', 'ASSIGNED', 'WAIT', 'EVIDENCE', 'FORCED_MATCH',
        'WRITE_OFF')),
    actor text NOT NULL CHECK (actor <> ''),
    text text NOT NULL,
    proposal_id uuid REFERENCES settlement_proposal
        CHECK ((proposal_id IS NOT NULL) = (kind IN ('FORCED_MATCH', 'WRITE_OFF'))),
    recorded_at timestamptz NOT NULL
);
CREATE INDEX settlement_break_event_of_break ON settlement_break_event (break_id, id);
CREATE TRIGGER settlement_break_event_approved BEFORE INSERT ON settlement_break_event
    FOR EACH ROW WHEN (NEW.proposal_id IS NOT NULL) EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_break_event FROM agio_app;

CREATE TABLE settlement_write_off (
    id uuid PRIMARY KEY,
    break_id uuid NOT NULL REFERENCES settlement_break,
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    participant_id uuid NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro <> 0),
    recorded_at timestamptz NOT NULL
);
CREATE INDEX settlement_write_off_of_break ON settlement_write_off (break_id);
COMMENT ON COLUMN settlement_write_off.id IS 'also the id and the reference of its transfer';
COMMENT ON COLUMN settlement_write_off.amount_micro IS 'positive: the participant gains; the operator''s position takes it';
CREATE TRIGGER settlement_write_off_approved BEFORE INSERT ON settlement_write_off
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_write_off FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_cash")]
    operations = [RunSQL(STATED), RunSQL(MATCHED), RunSQL(BREAK)]
