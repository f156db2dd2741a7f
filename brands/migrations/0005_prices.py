"""Prices of pairs, fees by tier, what a network file says, changes that wait for a second person, and pauses."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

RATE = """
ALTER TABLE brands_rate
    ADD COLUMN target_id uuid REFERENCES brands_program,
    ADD COLUMN fee_fixed_micro bigint NOT NULL DEFAULT 0 CHECK (fee_fixed_micro >= 0),
    ADD COLUMN tier_fees jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT brands_rate_pair CHECK (target_id <> program_id),
    ADD CONSTRAINT brands_rate_spread CHECK (target_id IS NOT NULL OR buy_micro >= sell_micro),
    ADD CONSTRAINT brands_rate_buy_micro_check CHECK (buy_micro > 0),
    ADD CONSTRAINT brands_rate_once UNIQUE NULLS NOT DISTINCT (program_id, target_id, version),
    DROP CONSTRAINT brands_rate_check,
    DROP CONSTRAINT brands_rate_program_id_version_key;
DROP INDEX brands_rate_in_force;
CREATE UNIQUE INDEX brands_rate_open ON brands_rate (program_id, target_id) NULLS NOT DISTINCT WHERE valid_to IS NULL;
COMMENT ON COLUMN brands_rate.target_id IS 'the target of the pair whose special price this is; null: the program''s own';
COMMENT ON COLUMN brands_rate.buy_micro IS 'micro-CNY per minor unit of the program, or of the target';
COMMENT ON COLUMN brands_rate.tier_fees IS 'by tier: basis points, micro-CNY';
"""

PROGRAM = """
ALTER TABLE brands_program
    ADD COLUMN file_terms jsonb,
    ADD COLUMN swing_pause_bp int NOT NULL DEFAULT 2000 CHECK (swing_pause_bp BETWEEN 1 AND 1000000);
UPDATE brands_program SET file_terms = (
    SELECT json_build_object('sell_micro', sell_micro, 'buy_micro', buy_micro, 'fee_bp', fee_bp)
    FROM brands_rate WHERE program_id = brands_program.id AND valid_to IS NULL
);
ALTER TABLE brands_program ALTER COLUMN file_terms SET NOT NULL;
COMMENT ON COLUMN brands_program.file_terms IS 'the prices its network file names; those in force are in brands_rate';
COMMENT ON COLUMN brands_program.swing_pause_bp IS 'a price that moves by more pauses its exchanges; basis points';
"""

PROPOSAL = """
CREATE TABLE brands_rate_pause (
    id uuid PRIMARY KEY,
    source_id uuid REFERENCES brands_program,
    target_id uuid REFERENCES brands_program CHECK (target_id <> source_id),
    moved_bp int NOT NULL CHECK (moved_bp >= 0),
    reason text NOT NULL,
    since timestamptz NOT NULL,
    resumed_at timestamptz CHECK (resumed_at >= since),
    CHECK (num_nonnulls(source_id, target_id) > 0)
);

CREATE TABLE brands_rate_proposal (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('RATE', 'END', 'RESUME')),
    program_id uuid NOT NULL REFERENCES brands_program,
    target_id uuid REFERENCES brands_program CHECK (target_id <> program_id),
    terms jsonb CHECK ((terms IS NOT NULL) = (kind = 'RATE')),
    valid_from timestamptz,
    valid_to timestamptz,
    follows_id uuid REFERENCES brands_rate,
    pause_id uuid REFERENCES brands_rate_pause CHECK ((pause_id IS NOT NULL) = (kind = 'RESUME')),
    digest text NOT NULL,
    moved_bp int NOT NULL CHECK (moved_bp >= 0),
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL,
    reason text NOT NULL,
    decision text CHECK (decision IN ('APPROVED', 'REJECTED', 'VOIDED')),
    decided_by text,
    decided_at timestamptz,
    decided_reason text,
    rate_id uuid REFERENCES brands_rate,
    CHECK (num_nonnulls(decision, decided_by, decided_at, decided_reason) IN (0, 4)),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_by <> submitted_by),
    CHECK ((rate_id IS NOT NULL) = (kind = 'RATE' AND decision IS NOT DISTINCT FROM 'APPROVED'))
);
-- One open proposal per pair and per pause: a later one takes the earlier one's place.
CREATE UNIQUE INDEX brands_rate_proposal_open ON brands_rate_proposal (program_id, target_id) NULLS NOT DISTINCT
    WHERE decision IS NULL AND kind <> 'RESUME';
CREATE UNIQUE INDEX brands_rate_proposal_resuming ON brands_rate_proposal (pause_id)
    WHERE decision IS NULL AND kind = 'RESUME';

REVOKE UPDATE, DELETE, TRUNCATE ON brands_rate_pause, brands_rate_proposal FROM agio_app;
GRANT UPDATE (resumed_at) ON brands_rate_pause TO agio_app;
GRANT UPDATE (decision, decided_by, decided_at, decided_reason, rate_id) ON brands_rate_proposal TO agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_network")]
    operations = [RunSQL(sql) for sql in (RATE, PROGRAM, PROPOSAL)]
