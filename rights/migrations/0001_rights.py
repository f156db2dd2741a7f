from tortoise import migrations
from tortoise.migrations.operations import RunSQL

TABLES = """
CREATE TABLE rights_grant (
    id uuid PRIMARY KEY,
    right_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    claimant_id uuid NOT NULL,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 100),
    uses bigint NOT NULL CHECK (uses > 0),
    price_program_id uuid,
    price bigint NOT NULL CHECK (price >= 0),
    funding_micro bigint NOT NULL CHECK (funding_micro >= 0 AND (price > 0 OR funding_micro = 0)),
    handle bigint GENERATED ALWAYS AS IDENTITY (START 1000000000 MAXVALUE 9999999999) UNIQUE,
    granted_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    UNIQUE (claimant_id, idempotency_key),
    CHECK ((price_program_id IS NULL) = (price = 0))
);
CREATE INDEX rights_grant_membership ON rights_grant (membership_id, id);
CREATE INDEX rights_grant_valid_until ON rights_grant (valid_until, id);

CREATE TABLE rights_redemption (
    id uuid PRIMARY KEY,
    grant_id uuid NOT NULL REFERENCES rights_grant,
    brand_id uuid NOT NULL,
    client_id text NOT NULL,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 100),
    code_step bigint NOT NULL,
    settlement_micro bigint NOT NULL CHECK (settlement_micro >= 0),
    redeemed_at timestamptz NOT NULL,
    UNIQUE (client_id, idempotency_key),
    UNIQUE (grant_id, code_step)
);

CREATE TABLE rights_expiry (
    grant_id uuid PRIMARY KEY REFERENCES rights_grant,
    uses bigint NOT NULL CHECK (uses >= 0),
    expired_at timestamptz NOT NULL
);

REVOKE UPDATE, DELETE, TRUNCATE ON rights_grant, rights_redemption, rights_expiry FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_application_role")]
    operations = [RunSQL(TABLES, reverse_sql="DROP TABLE rights_expiry, rights_redemption, rights_grant")]
