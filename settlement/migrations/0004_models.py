"""Settlement models and their windows, and what each participant owes each other.

The kinds of proposals are no longer listed here: `settlement.cash.proposals.Kind` has them, and each effect checks that
its own proposal was approved.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

WINDOW = """
ALTER TABLE settlement_window
    ADD COLUMN model text NOT NULL DEFAULT 'network',
    ADD COLUMN sequence bigint,
    ADD COLUMN terms jsonb NOT NULL DEFAULT '{}';
ALTER TABLE settlement_window DISABLE TRIGGER settlement_window_step;
UPDATE settlement_window SET sequence = number;
ALTER TABLE settlement_window ENABLE TRIGGER settlement_window_step;
ALTER TABLE settlement_window
    ALTER COLUMN sequence SET NOT NULL,
    DROP CONSTRAINT settlement_window_check2,
    ADD CONSTRAINT settlement_window_first CHECK ((sequence = 1) = (after IS NULL)),
    ADD CONSTRAINT settlement_window_sequence UNIQUE (model, sequence);
DROP INDEX settlement_window_open;
CREATE UNIQUE INDEX settlement_window_open ON settlement_window (model) WHERE status = 'OPEN';
COMMENT ON COLUMN settlement_window.sequence IS 'the place among the windows of its model, from 1 without gaps';
COMMENT ON COLUMN settlement_window.terms IS 'those of its model when it opened';
"""

MODEL = """
ALTER TABLE settlement_proposal DROP CONSTRAINT settlement_proposal_kind_check;
ALTER TABLE settlement_proposal ADD CONSTRAINT settlement_proposal_kind_check CHECK (kind ~ '^[A-Z][A-Z_]*$');

CREATE TABLE settlement_model (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{0,31}$'),
    version integer NOT NULL CHECK (version > 0),
    terms jsonb NOT NULL,
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    agreed_at timestamptz NOT NULL,
    UNIQUE (code, version)
);
COMMENT ON TABLE settlement_model IS 'append-only: the latest version of a code holds for the windows that open';
CREATE TRIGGER settlement_model_approved BEFORE INSERT ON settlement_model
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_model FROM agio_app;

CREATE TABLE settlement_model_participant (
    id uuid PRIMARY KEY,
    model_id uuid NOT NULL REFERENCES settlement_model,
    participant_id uuid NOT NULL,
    net_debit_cap bigint NOT NULL CHECK (net_debit_cap >= 0),
    UNIQUE (model_id, participant_id)
);
COMMENT ON COLUMN settlement_model_participant.net_debit_cap IS 'micro-CNY, in this model and without what is deposited';
REVOKE UPDATE, DELETE ON settlement_model_participant FROM agio_app;
"""

OBLIGATION = """
ALTER TABLE settlement_position ADD COLUMN both_ways bigint NOT NULL DEFAULT 0
    CHECK (both_ways >= 0 AND both_ways % 10000 = 0);
COMMENT ON COLUMN settlement_position.both_ways IS 'what is due as well as owed, where not everything is set off';

CREATE TABLE settlement_obligation (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    debtor_id uuid NOT NULL,
    creditor_id uuid NOT NULL CHECK (creditor_id <> debtor_id),
    opening bigint NOT NULL,
    lines bigint NOT NULL,
    set_off bigint NOT NULL,
    settled bigint NOT NULL CHECK (settled >= 0 AND settled % 10000 = 0),
    carried bigint NOT NULL CHECK (opening + lines = set_off + settled + carried),
    UNIQUE (window_id, debtor_id, creditor_id)
);
COMMENT ON TABLE settlement_obligation IS 'micro-CNY that one owes another, of windows that are not netted multilaterally';
REVOKE UPDATE, DELETE ON settlement_obligation FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0003_reconciliation")]
    operations = [RunSQL(WINDOW), RunSQL(MODEL), RunSQL(OBLIGATION)]
