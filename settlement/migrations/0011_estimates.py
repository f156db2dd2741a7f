"""What finance put aside for points and how many it expects to be redeemed: versions, each with its two persons."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ESTIMATE = """
CREATE TABLE settlement_estimate (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    from_month date NOT NULL CHECK (extract(day FROM from_month) = 1),
    allocated_fen bigint NOT NULL CHECK (allocated_fen > 0),
    points bigint NOT NULL CHECK (points > 0),
    expected bigint NOT NULL CHECK (expected > 0 AND expected <= points),
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    proposed_at timestamptz NOT NULL,
    proposed_reason text NOT NULL CHECK (proposed_reason <> ''),
    decision text CHECK (decision IN ('APPROVED', 'REJECTED')),
    decided_by text CHECK (decided_by <> ''),
    decided_at timestamptz,
    decided_reason text CHECK (decided_reason <> ''),
    UNIQUE (program_id, version),
    CHECK (num_nulls(decision, decided_by, decided_at, decided_reason) IN (0, 4)),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_by <> proposed_by)
);
REVOKE UPDATE, DELETE ON settlement_estimate FROM agio_app;
GRANT UPDATE (decision, decided_by, decided_at, decided_reason) ON settlement_estimate TO agio_app;
CREATE TRIGGER settlement_estimate_decided BEFORE UPDATE ON settlement_estimate
    FOR EACH ROW WHEN (OLD.decision IS NOT NULL) EXECUTE FUNCTION settlement_approval_decided();

CREATE FUNCTION settlement_estimate_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decision = 'APPROVED' AND EXISTS (
        SELECT FROM settlement_estimate
        WHERE program_id = NEW.program_id AND decision = 'APPROVED' AND id <> NEW.id AND from_month > NEW.from_month
    ) THEN
        RAISE EXCEPTION 'an estimate that begins later than % holds', NEW.from_month
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER settlement_estimate_in_order BEFORE INSERT OR UPDATE ON settlement_estimate
    FOR EACH ROW EXECUTE FUNCTION settlement_estimate_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0010_statements")]
    operations = [RunSQL(ESTIMATE)]
