"""When brands' systems refused our credentials, and until when: each time is told once."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LOCKOUT = """
CREATE TABLE exchange_lockout (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    refused_at timestamptz NOT NULL,
    accepted_at timestamptz CHECK (accepted_at >= refused_at)
);
CREATE UNIQUE INDEX exchange_lockout_open ON exchange_lockout (program_id) WHERE accepted_at IS NULL;
CREATE INDEX exchange_lockout_ended ON exchange_lockout (program_id, accepted_at);
REVOKE UPDATE, DELETE, TRUNCATE ON exchange_lockout FROM agio_app;
GRANT UPDATE (accepted_at) ON exchange_lockout TO agio_app;
COMMENT ON TABLE exchange_lockout IS 'from the first call that a brand refused for our credentials to the first it did not';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0026_cap_looks")]
    operations = [RunSQL(LOCKOUT)]
