"""Where and until when the payments of a window are paid, as it was said in the statements that were given out.

A participant may move to another account the day after: its statement, written again, must still say the former one.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PARTIES = """
CREATE TABLE settlement_advice_party (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    participant_id uuid NOT NULL,
    bank_account_id uuid REFERENCES settlement_bank_account,
    due_on date NOT NULL,
    UNIQUE (window_id, participant_id)
);
COMMENT ON TABLE settlement_advice_party IS 'written with the first advice of a window; windows advised before have none';
COMMENT ON COLUMN settlement_advice_party.bank_account_id IS 'in use at the advice; null: none was registered';
REVOKE UPDATE, DELETE ON settlement_advice_party FROM agio_app;

CREATE OR REPLACE FUNCTION settlement_advice_digest(of_window uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(coalesce((
        SELECT string_agg(
            concat_ws(E'\\t', participant_id, format, file_name, sha256, size_bytes, lines, producer), E'\\n'
            ORDER BY participant_id, format COLLATE "C")
        FROM settlement_advice WHERE window_id = of_window
    ), '') || coalesce((
        SELECT string_agg(concat_ws(E'\\t', E'\\n', participant_id, bank_account_id, due_on), '' ORDER BY participant_id)
        FROM settlement_advice_party WHERE window_id = of_window
    ), ''), 'UTF8')), 'hex')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_cash"), ("settlement", "0010_statements")]
    operations = [RunSQL(PARTIES)]
