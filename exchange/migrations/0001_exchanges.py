"""Quotes, exchanges, their history, and the brands' own movements of points.

There are no foreign keys to programs, memberships or quotes: their rows are never deleted while they are needed,
and a key check would lock the rows of a hot program once for every exchange. Audit checks look at the same relations.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

_TERMS = """
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    source_membership_id uuid NOT NULL,
    target_membership_id uuid NOT NULL,
    source_program_id uuid NOT NULL,
    target_program_id uuid NOT NULL CHECK (target_program_id <> source_program_id),
    source_rate_id uuid NOT NULL,
    target_rate_id uuid NOT NULL,
    source_amount bigint NOT NULL CHECK (source_amount > 0),
    target_amount bigint NOT NULL CHECK (target_amount > 0),
    value_micro bigint NOT NULL CHECK (value_micro = fee_micro + credit_micro + rounding_micro),
    fee_micro bigint NOT NULL CHECK (fee_micro >= 0),
    credit_micro bigint NOT NULL CHECK (credit_micro > 0),
    rounding_micro bigint NOT NULL CHECK (rounding_micro >= 0),
"""

QUOTE = f"""
CREATE TABLE exchange_quote (
    {_TERMS}
    quoted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > quoted_at)
);
-- Quotes come in the order of time, so a block range finds the old ones at next to no cost for the new.
CREATE INDEX exchange_quote_expires_at ON exchange_quote USING brin (expires_at) WITH (autosummarize = on);
REVOKE UPDATE ON exchange_quote FROM agio_app;
"""

EXCHANGE = f"""
CREATE TABLE exchange_exchange (
    {_TERMS}
    quote_id uuid NOT NULL UNIQUE,
    idempotency_key text NOT NULL,
    source_participant_id uuid NOT NULL,
    target_participant_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN (
        'QUOTED', 'HELD', 'SOURCE_DEBITING', 'SOURCE_REJECTED', 'SOURCE_UNKNOWN', 'SOURCE_DEBITED',
        'TARGET_CREDITING', 'TARGET_PENDING', 'TARGET_UNKNOWN', 'TARGET_REJECTED', 'COMPENSATING', 'REFUNDED',
        'MANUAL', 'COMPLETED', 'PARTLY_REVERSED', 'REVERSED', 'REVERSAL_REFUSED')),
    target_expires_at timestamptz,
    accepted_at timestamptz NOT NULL,
    UNIQUE (member_id, idempotency_key)
);
CREATE INDEX exchange_exchange_by_membership ON exchange_exchange (source_membership_id, accepted_at);
CREATE INDEX exchange_exchange_accepted_at ON exchange_exchange USING brin (accepted_at) WITH (autosummarize = on);
REVOKE UPDATE, DELETE ON exchange_exchange FROM agio_app;
GRANT UPDATE (state) ON exchange_exchange TO agio_app;

CREATE TABLE exchange_history (
    id uuid PRIMARY KEY,
    exchange_id uuid NOT NULL,
    sequence integer NOT NULL CHECK (sequence > 0),
    state text NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (exchange_id, sequence)
);
REVOKE UPDATE, DELETE ON exchange_history FROM agio_app;

CREATE TABLE exchange_usage (
    membership_id uuid,
    period text CHECK (period IN ('DAY')),
    starts_on date,
    amount bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (membership_id, period, starts_on)
);
REVOKE DELETE ON exchange_usage FROM agio_app;
"""

MOVEMENT = """
CREATE TABLE exchange_movement (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('AWARD', 'BURN')),
    client_id text NOT NULL,
    idempotency_key text NOT NULL,
    brand_id uuid NOT NULL,
    program_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    reason text NOT NULL,
    unit_cost_micro bigint NOT NULL CHECK (unit_cost_micro >= 0),
    expires_at timestamptz,
    recorded_at timestamptz NOT NULL,
    UNIQUE (client_id, idempotency_key)
);
CREATE INDEX exchange_movement_by_membership ON exchange_movement (membership_id, recorded_at);
REVOKE UPDATE, DELETE ON exchange_movement FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(QUOTE), RunSQL(EXCHANGE), RunSQL(MOVEMENT)]
