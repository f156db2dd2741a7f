"""Brands, programs, tiers, rates, rights, OAuth2 clients, and what changed when.

Codes are for ever: brands, programs, tiers and rights are changed and closed, never deleted. Rates and revisions are
history: a rate's only change is the end of its validity.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

BRAND = """
CREATE TABLE brands_brand (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    root_id uuid NOT NULL REFERENCES brands_brand DEFERRABLE INITIALLY DEFERRED,
    parent_id uuid CHECK (parent_id <> id) REFERENCES brands_brand DEFERRABLE INITIALLY DEFERRED,
    participant_id uuid NOT NULL REFERENCES brands_brand DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL,
    name_zh text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('group', 'brand', 'dealer', 'store')),
    net_debit_cap bigint NOT NULL CHECK (net_debit_cap >= 0),
    prefund bigint NOT NULL CHECK (prefund >= 0),
    closed boolean NOT NULL,
    CHECK ((parent_id IS NULL) = (root_id = id)),
    CHECK (participant_id = id OR (net_debit_cap = 0 AND prefund = 0))
);
COMMENT ON COLUMN brands_brand.root_id IS 'the root of the network file that describes it: its owner';
COMMENT ON COLUMN brands_brand.net_debit_cap IS 'micro-CNY';
COMMENT ON COLUMN brands_brand.prefund IS 'micro-CNY';
"""

PROGRAM = """
CREATE TABLE brands_program (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    brand_id uuid NOT NULL REFERENCES brands_brand,
    name text NOT NULL,
    name_zh text NOT NULL,
    scale int NOT NULL CHECK (scale BETWEEN 0 AND 4),
    time_zone text NOT NULL,
    expiry_months int CHECK (expiry_months > 0),
    expiry_day text NOT NULL CHECK (expiry_day IN ('same_day', 'month_end', 'year_end')),
    amount_min bigint NOT NULL CHECK (amount_min > 0),
    amount_max bigint NOT NULL CHECK (amount_max >= amount_min),
    amount_step bigint NOT NULL CHECK (amount_step > 0 AND amount_min % amount_step = 0 AND amount_max % amount_step = 0),
    member_day_max bigint NOT NULL CHECK (member_day_max >= amount_max),
    adapter_kind text NOT NULL,
    adapter_mapping jsonb NOT NULL,
    opening_unit_cost bigint NOT NULL CHECK (opening_unit_cost >= 0),
    member_file jsonb
);
COMMENT ON COLUMN brands_program.opening_unit_cost IS 'micro-CNY per minor unit';

CREATE TABLE brands_tier (
    program_id uuid NOT NULL REFERENCES brands_program,
    code text NOT NULL,
    rank int NOT NULL CHECK (rank >= 0),
    name text NOT NULL,
    name_zh text NOT NULL,
    level int NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (program_id, code),
    UNIQUE (program_id, rank) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE brands_rate (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES brands_program,
    version int NOT NULL CHECK (version > 0),
    sell_micro bigint NOT NULL CHECK (sell_micro > 0),
    buy_micro bigint NOT NULL CHECK (buy_micro >= sell_micro),
    fee_bp int NOT NULL CHECK (fee_bp BETWEEN 0 AND 5000),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CHECK (valid_to >= valid_from),
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL,
    approved_by text NOT NULL,
    approved_at timestamptz NOT NULL,
    UNIQUE (program_id, version),
    CHECK (submitted_by <> approved_by OR submitted_by = 'configuration')
);
CREATE UNIQUE INDEX brands_rate_in_force ON brands_rate (program_id) WHERE valid_to IS NULL;
COMMENT ON COLUMN brands_rate.sell_micro IS 'micro-CNY per minor unit';
COMMENT ON COLUMN brands_rate.buy_micro IS 'micro-CNY per minor unit';
"""

RIGHT = """
CREATE TABLE brands_right (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    issuer_id uuid NOT NULL REFERENCES brands_brand,
    name text NOT NULL,
    name_zh text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('visit', 'visit_card', 'coupon')),
    honouring_ids uuid[] NOT NULL CHECK (cardinality(honouring_ids) > 0),
    prices jsonb NOT NULL,
    uses int NOT NULL CHECK (uses > 0),
    valid_hours int CHECK (valid_hours > 0),
    valid_first_day date,
    valid_last_day date CHECK (valid_last_day >= valid_first_day),
    valid_time_zone text,
    stock bigint CHECK (stock >= 0),
    settlement_price bigint NOT NULL CHECK (settlement_price >= 0),
    transferable boolean NOT NULL,
    eligibility jsonb NOT NULL,
    withdrawn boolean NOT NULL,
    CHECK (num_nonnulls(valid_hours, valid_first_day) = 1),
    CHECK (num_nonnulls(valid_first_day, valid_last_day, valid_time_zone) IN (0, 3))
);
COMMENT ON COLUMN brands_right.prices IS 'minor units of points, by program id';
COMMENT ON COLUMN brands_right.eligibility IS 'the lowest tier that may have it, by program id';
COMMENT ON COLUMN brands_right.settlement_price IS 'micro-CNY';
"""

CLIENT = """
CREATE TABLE brands_client (
    id text PRIMARY KEY,
    brand_id uuid NOT NULL REFERENCES brands_brand,
    name text NOT NULL,
    till text,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    secret_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
"""

REVISION = """
CREATE TABLE brands_revision (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    source text NOT NULL,
    changes jsonb NOT NULL,
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE brands_revision IS 'what changed in the tables of this package; the last one tells processes whether what they keep is current';

REVOKE DELETE, TRUNCATE ON brands_brand, brands_program, brands_tier, brands_right, brands_client FROM agio_app;
REVOKE UPDATE, DELETE, TRUNCATE ON brands_rate, brands_revision FROM agio_app;
GRANT UPDATE (valid_to) ON brands_rate TO agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(sql) for sql in (BRAND, PROGRAM, RIGHT, CLIENT, REVISION)]
