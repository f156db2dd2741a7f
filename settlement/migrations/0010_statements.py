"""What else than the books decided on a statement's bytes, and a seal over all the statements of a window.

The seal is the digest of the rows in `settlement_advice`, written in the same transaction: the audit compares the two
instead of writing every statement of every year again.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ADVICE = """
ALTER TABLE settlement_advice ADD COLUMN producer text NOT NULL DEFAULT '';
COMMENT ON COLUMN settlement_advice.producer IS 'the libraries that packed the file; another version may pack it otherwise';

CREATE TABLE settlement_advice_seal (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    sequence integer NOT NULL CHECK (sequence > 0),
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    UNIQUE (window_id, sequence)
);
REVOKE UPDATE, DELETE ON settlement_advice_seal FROM agio_app;

CREATE FUNCTION settlement_advice_digest(of_window uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws(E'\\t', participant_id, format, file_name, sha256, size_bytes, lines, producer), E'\\n'
        ORDER BY participant_id, format COLLATE "C"), ''), 'UTF8')), 'hex')
    FROM settlement_advice WHERE window_id = of_window
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0003_reconciliation")]
    operations = [RunSQL(ADVICE)]
