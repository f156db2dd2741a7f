"""The seal over history, the trace of terms that may change, and months that open without standing in anybody's way.

The seal walks whole database transactions in the order of their numbers, so everything it covers knows its own: accounts,
assets, refusals, extensions and changes of terms get `xact`, lots and their uses have their transfer's.

Attaching a ready table takes no lock on the parent that postings would wait for; making it as a partition would.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

XACTS = """
ALTER TABLE ledger_asset ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE ledger_account ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE ledger_lot_extension ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ledger_asset_xact ON ledger_asset (xact);
CREATE INDEX ledger_account_xact ON ledger_account (xact);
CREATE INDEX ledger_refusal_xact ON ledger_refusal (xact);
CREATE INDEX ledger_lot_extension_xact ON ledger_lot_extension (xact);
CREATE INDEX ledger_lot_extension_lot_id ON ledger_lot_extension (lot_id, recorded_at);
"""

TERMS = """
CREATE TABLE ledger_term_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid,
    asset text,
    credit_line_before bigint,
    credit_line bigint,
    closed_until_before timestamptz,
    closed_until timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CHECK (num_nonnulls(account_id, asset) = 1),
    CHECK ((account_id IS NULL) = (credit_line IS NULL) AND (account_id IS NULL) = (credit_line_before IS NULL))
);
CREATE INDEX ledger_term_change_xact ON ledger_term_change (xact);
CREATE INDEX ledger_term_change_account_id ON ledger_term_change (account_id, id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE ledger_term_change IS 'every change of a credit line, and of the time until which an asset is closed';

CREATE FUNCTION ledger_trace_credit_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_term_change (account_id, credit_line_before, credit_line)
    VALUES (NEW.id, OLD.credit_line, NEW.credit_line);
    RETURN NULL;
END
$$;
CREATE TRIGGER trace_credit_line AFTER UPDATE OF credit_line ON ledger_account
    FOR EACH ROW WHEN (OLD.credit_line <> NEW.credit_line) EXECUTE FUNCTION ledger_trace_credit_line();

CREATE FUNCTION ledger_trace_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_term_change (asset, closed_until_before, closed_until)
    VALUES (NEW.code, OLD.closed_until, NEW.closed_until);
    RETURN NULL;
END
$$;
CREATE TRIGGER trace_closing AFTER UPDATE OF closed_until ON ledger_asset
    FOR EACH ROW WHEN (OLD.closed_until IS DISTINCT FROM NEW.closed_until) EXECUTE FUNCTION ledger_trace_closing();
"""

SEAL = """
CREATE TABLE ledger_seal (
    number bigint PRIMARY KEY CHECK (number >= 1),
    xact_after xid8 NOT NULL,
    xact_until xid8 NOT NULL CHECK (xact_until > xact_after),
    entries int NOT NULL CHECK (entries > 0),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    locators bytea NOT NULL CHECK (length(locators) = 4 * entries),
    sealed_at timestamptz NOT NULL,
    previous bytea NOT NULL CHECK (length(previous) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
COMMENT ON TABLE ledger_seal IS 'seals what the transactions after xact_after and up to xact_until have recorded';
COMMENT ON COLUMN ledger_seal.locators IS 'four bytes of each entry''s digest, in order: they tell which entry differs';

CREATE TABLE ledger_seal_head (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    number bigint NOT NULL,
    xact_until xid8 NOT NULL,
    hash bytea NOT NULL
);
COMMENT ON TABLE ledger_seal_head IS 'the last seal: without it the end of the chain could be cut off';
INSERT INTO ledger_seal_head (number, xact_until, hash) VALUES (0, '0', decode(repeat('00', 32), 'hex'));
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_seal_head FROM agio_app;
GRANT UPDATE (number, xact_until, hash) ON ledger_seal_head TO agio_app;

DO $$
DECLARE history text;
BEGIN
    FOREACH history IN ARRAY ARRAY['ledger_term_change', 'ledger_seal']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I
                        FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()', history);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', history);
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM agio_app', history);
    END LOOP;
END
$$;
"""

MONTHS = """
CREATE FUNCTION ledger_move_strays(parent text, partition text, key text, lower text, upper text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    strays text := parent || '_default';
    found boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)', strays, key, lower, key, upper) INTO found;
    IF found THEN
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER append_only', strays);
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', strays, key, lower, key, upper, partition);
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER append_only', strays);
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_move_strays IS 'rows that came before their month was opened move to it, unchanged';

CREATE FUNCTION ledger_open_partition(parent text, suffix text, key text, lower text, upper text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partition text := parent || suffix;
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES,
                    CONSTRAINT month CHECK (%I >= %L AND %I < %L))', partition, parent, key, lower, key, upper);
    PERFORM ledger_protect_partition(partition);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    PERFORM ledger_move_strays(parent, partition, key, lower, upper);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, lower, upper);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT month', partition);
END
$$;

CREATE OR REPLACE FUNCTION ledger_open_month(instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    month timestamptz := date_trunc('month', instant, 'UTC');
    following timestamptz := date_trunc('month', month + interval '40 days', 'UTC');
    suffix text := to_char(month AT TIME ZONE 'UTC', '_YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger_open_month', 0));
    IF to_regclass('ledger_transfer' || suffix) IS NULL THEN
        PERFORM ledger_open_partition('ledger_transfer', suffix, 'id',
                                      ledger_month_id(month)::text, ledger_month_id(following)::text);
        RETURN true;
    ELSIF to_regclass('ledger_balance' || suffix) IS NULL THEN
        PERFORM ledger_open_partition('ledger_balance', suffix, 'recorded_at', month::text, following::text);
        RETURN true;
    END IF;
    RETURN false;
END
$$;
COMMENT ON FUNCTION ledger_open_month IS
    'opens one missing table of the month: call it until it returns false, each time in a transaction of its own';
REVOKE EXECUTE ON FUNCTION ledger_open_month, ledger_open_partition, ledger_move_strays FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_open_month TO agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(sql) for sql in (XACTS, TERMS, SEAL, MONTHS)]
