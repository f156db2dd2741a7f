"""What the workers' guards say about brands, for metrics, health, and for dividing the brands' limits among workers."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

GUARDS = """
CREATE UNLOGGED TABLE exchange_guard (
    worker_id uuid,
    program text,
    state text NOT NULL CHECK (state IN ('closed', 'open', 'probing')),
    in_flight integer NOT NULL,
    waiting integer NOT NULL,
    retry_after_seconds double precision NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (worker_id, program)
);
"""


class Migration(migrations.Migration):
    operations = [RunSQL(GUARDS)]
