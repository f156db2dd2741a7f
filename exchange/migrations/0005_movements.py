"""Awards that wait, reversals, the codes that members show, and batches."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

MOVEMENT = """
ALTER TABLE exchange_movement
    DROP CONSTRAINT exchange_movement_kind_check,
    ADD CONSTRAINT exchange_movement_kind_check
        CHECK (kind IN ('AWARD', 'BURN', 'AWARD_REVERSAL', 'BURN_REVERSAL')),
    ADD COLUMN pending_days integer NOT NULL DEFAULT 0 CHECK (pending_days >= 0),
    ADD COLUMN available_at timestamptz,
    ADD COLUMN reverses_id uuid,
    ADD CHECK ((reverses_id IS NULL) = (kind IN ('AWARD', 'BURN'))),
    ADD CHECK ((available_at IS NULL) = (pending_days = 0));
CREATE INDEX exchange_movement_by_reversed ON exchange_movement (reverses_id) WHERE reverses_id IS NOT NULL;
"""

HANDLE = """
-- Ten digits that name a member in codes; they say nothing about the member and are not in the order of joining.
CREATE TABLE exchange_member_handle (
    member_id uuid PRIMARY KEY,
    handle bigint NOT NULL UNIQUE CHECK (handle BETWEEN 0 AND 9999999999)
);
REVOKE UPDATE, DELETE ON exchange_member_handle FROM agio_app;
"""

BATCH = """
CREATE TABLE exchange_batch (
    id uuid PRIMARY KEY,
    client_id text NOT NULL,
    key text NOT NULL,
    brand_id uuid NOT NULL,
    program_id uuid NOT NULL,
    digest bytea NOT NULL,
    row_count integer NOT NULL CHECK (row_count >= 0),
    opened_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (client_id, key)
);
REVOKE UPDATE, DELETE ON exchange_batch FROM agio_app;
GRANT UPDATE (finished_at) ON exchange_batch TO agio_app;

CREATE TABLE exchange_batch_row (
    batch_id uuid,
    number integer CHECK (number > 0),
    key text NOT NULL,
    movement_id uuid,
    refusal text,
    message text,
    PRIMARY KEY (batch_id, number),
    CHECK ((movement_id IS NULL) = (refusal IS NOT NULL)),
    CHECK ((refusal IS NULL) = (message IS NULL))
);
REVOKE DELETE ON exchange_batch_row FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(MOVEMENT), RunSQL(HANDLE), RunSQL(BATCH)]
