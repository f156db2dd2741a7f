"""Who certified a program's adapter, when, and with which result."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

CERTIFICATION = """
CREATE TABLE brands_certification (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES brands_program (id),
    certified_by text NOT NULL CHECK (certified_by <> ''),
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL CHECK (finished_at >= started_at),
    passed integer NOT NULL CHECK (passed >= 0),
    failed integer NOT NULL CHECK (failed >= 0),
    skipped integer NOT NULL CHECK (skipped >= 0),
    undecided integer NOT NULL CHECK (undecided >= 0),
    report_digest bytea NOT NULL CHECK (length(report_digest) = 32),
    adapter_digest bytea NOT NULL CHECK (length(adapter_digest) = 32)
);
CREATE INDEX brands_certification_program ON brands_certification (program_id, finished_at DESC);
REVOKE UPDATE, DELETE, TRUNCATE ON brands_certification FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_network")]
    operations = [RunSQL(CERTIFICATION)]
