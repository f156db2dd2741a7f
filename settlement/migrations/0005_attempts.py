"""Why a step that the clock takes care of has not been taken yet."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ATTEMPT = """
CREATE TABLE settlement_attempt (
    window_id uuid PRIMARY KEY REFERENCES settlement_window,
    step text NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    problem text NOT NULL,
    tried_at timestamptz NOT NULL
);
COMMENT ON TABLE settlement_attempt IS 'the latest refusal that a window met without anybody asking';
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0004_models")]
    operations = [RunSQL(ATTEMPT)]
