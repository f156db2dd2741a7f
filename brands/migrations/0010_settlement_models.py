"""Which settlement model participants and pairs have agreed on, the latest row of each being in force; and in which
model each exchange, grant and redemption stands that does not stand in the network's own."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

SETTLEMENT = """
CREATE TABLE brands_settlement (
    id uuid PRIMARY KEY,
    participant_id uuid NOT NULL REFERENCES brands_brand,
    other_id uuid REFERENCES brands_brand CHECK (other_id > participant_id),
    model text NOT NULL CHECK (model ~ '^[a-z][a-z0-9-]{0,31}$'),
    agreed_at timestamptz NOT NULL
);
CREATE INDEX brands_settlement_of ON brands_settlement (participant_id, other_id, id);
COMMENT ON COLUMN brands_settlement.other_id IS 'the other one of a pair; null: the participant itself';
REVOKE UPDATE, DELETE, TRUNCATE ON brands_settlement FROM agio_app;

CREATE TABLE brands_settled (
    reference uuid PRIMARY KEY,
    model text NOT NULL CHECK (model <> 'network')
);
COMMENT ON TABLE brands_settled IS 'an exchange, grant or redemption that is missing here stands in the model network';
REVOKE UPDATE, DELETE, TRUNCATE ON brands_settled FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("brands", "0002_statement_file")]
    operations = [RunSQL(SETTLEMENT)]
