"""What a network file says of a program's adapter, changes that wait for a second person, and certifications asked for."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PROGRAM = """
ALTER TABLE brands_program ADD COLUMN file_adapter jsonb;
UPDATE brands_program SET file_adapter = adapter_mapping || jsonb_build_object('kind', adapter_kind);
ALTER TABLE brands_program ALTER COLUMN file_adapter SET NOT NULL;
COMMENT ON COLUMN brands_program.file_adapter IS 'the adapter its network file describes; another may have been approved';
"""

PROPOSAL = """
CREATE TABLE brands_adapter_proposal (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    program_id uuid NOT NULL REFERENCES brands_program,
    adapter jsonb NOT NULL,
    follows bytea NOT NULL CHECK (length(follows) = 32),
    digest text NOT NULL,
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL,
    reason text NOT NULL,
    decision text CHECK (decision IN ('APPROVED', 'REJECTED', 'VOIDED')),
    decided_by text,
    decided_at timestamptz,
    decided_reason text,
    CHECK (num_nonnulls(decision, decided_by, decided_at, decided_reason) IN (0, 4)),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_by <> submitted_by)
);
-- One open proposal per program: a later one takes the earlier one's place.
CREATE UNIQUE INDEX brands_adapter_proposal_open ON brands_adapter_proposal (program_id) WHERE decision IS NULL;
REVOKE UPDATE, DELETE, TRUNCATE ON brands_adapter_proposal FROM agio_app;
GRANT UPDATE (decision, decided_by, decided_at, decided_reason) ON brands_adapter_proposal TO agio_app;
COMMENT ON COLUMN brands_adapter_proposal.follows IS 'SHA-256 of the configuration that it is to replace';
"""

CERTIFICATION = """
ALTER TABLE brands_certification ADD COLUMN report jsonb;
CREATE TABLE brands_certification_request (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES brands_program,
    wanted jsonb NOT NULL,
    asked_by text NOT NULL CHECK (asked_by <> ''),
    asked_at timestamptz NOT NULL,
    begun_at timestamptz,
    ended_at timestamptz CHECK (ended_at IS NULL OR begun_at IS NOT NULL),
    certification_id uuid REFERENCES brands_certification,
    failure text,
    CHECK ((ended_at IS NOT NULL) = (num_nonnulls(certification_id, failure) = 1))
);
CREATE UNIQUE INDEX brands_certification_request_open ON brands_certification_request (program_id)
    WHERE ended_at IS NULL;
REVOKE UPDATE, DELETE, TRUNCATE ON brands_certification_request FROM agio_app;
GRANT UPDATE (begun_at, ended_at, certification_id, failure) ON brands_certification_request TO agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0008_certification"), ("brands", "0010_settlement_models")]
    operations = [RunSQL(sql) for sql in (PROGRAM, PROPOSAL, CERTIFICATION)]
