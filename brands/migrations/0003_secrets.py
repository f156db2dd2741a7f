"""Secrets of brands' systems."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

TABLE = """
CREATE TABLE brands_secret (
    program_id uuid NOT NULL REFERENCES brands_program,
    name text NOT NULL,
    sealed bytea NOT NULL CHECK (length(sealed) > 28),
    set_at timestamptz NOT NULL,
    PRIMARY KEY (program_id, name)
);
COMMENT ON COLUMN brands_secret.sealed IS 'AES-GCM: nonce, cipher text, tag; bound to program and name';
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0002_statement_file")]
    operations = [RunSQL(TABLE)]
