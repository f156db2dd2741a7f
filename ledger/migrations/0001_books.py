"""Assets, accounts, transfers, balances after each batch, refusals, pending transfers, reversals and lots.

History (transfers, balances, refusals, lot uses, lot extensions, reversals) is append-only twice over: the application
has no privilege to change it, and a trigger refuses everybody. There are no foreign keys from history to accounts: the
decision is made while the accounts are locked, and the audit looks at the same relations.

Months are partitions. `ledger_open_month` makes one, for the application too, which could not do so by itself.
Whatever no month covers goes to the `_default` partitions: postings never fail for want of a partition.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ACCOUNT = """
CREATE DOMAIN ledger_limits AS smallint CHECK (VALUE BETWEEN 0 AND 3);
CREATE DOMAIN ledger_credit_line AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN ledger_ordinal AS int CHECK (VALUE >= 0);
CREATE DOMAIN ledger_kind AS smallint CHECK (VALUE BETWEEN 1 AND 7);
CREATE DOMAIN ledger_balancing AS smallint CHECK (VALUE BETWEEN 0 AND 3);
COMMENT ON DOMAIN ledger_limits IS
    'a domain, like the other bounds of one column, because PostgreSQL parses every CHECK of a table anew for each
     statement that writes to it, and a domain is looked at only when its column is written';

CREATE TABLE ledger_asset (
    code text PRIMARY KEY CHECK (code <> ''),
    scale int NOT NULL CHECK (scale BETWEEN 0 AND 18),
    kind text NOT NULL CHECK (kind IN ('points', 'money', 'right')),
    time_zone text NOT NULL,
    closed_until timestamptz
);

CREATE TABLE ledger_account (
    id uuid PRIMARY KEY,
    owner uuid NOT NULL,
    limits ledger_limits NOT NULL,
    lots boolean NOT NULL CHECK (NOT lots OR (limits = 1 AND credit_line = 0)),
    credit_line ledger_credit_line NOT NULL,
    debits_pending bigint NOT NULL DEFAULT 0,
    debits_posted bigint NOT NULL DEFAULT 0,
    credits_pending bigint NOT NULL DEFAULT 0,
    credits_posted bigint NOT NULL DEFAULT 0,
    last_recorded_at timestamptz NOT NULL DEFAULT 'epoch',
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamptz,
    asset text NOT NULL REFERENCES ledger_asset,
    purpose text NOT NULL,
    CONSTRAINT counters_must_not_be_negative
        CHECK (least(debits_pending, debits_posted, credits_pending, credits_posted) >= 0),
    CONSTRAINT debits_must_not_exceed_credits
        CHECK (limits & 1 = 0 OR debits_pending + debits_posted - credit_line <= credits_posted),
    CONSTRAINT credits_must_not_exceed_debits
        CHECK (limits & 2 = 0 OR credits_pending + credits_posted - credit_line <= debits_posted),
    UNIQUE (owner, asset, purpose)
) WITH (fillfactor = 40);
"""

HISTORY = """
CREATE TABLE ledger_transfer (
    id uuid PRIMARY KEY,
    debit_account_id uuid NOT NULL,
    credit_account_id uuid NOT NULL CHECK (credit_account_id <> debit_account_id),
    amount bigint NOT NULL CHECK (amount > 0 OR kind = 6 AND amount = 0),
    recorded_at timestamptz NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    sequence ledger_ordinal NOT NULL,
    code ledger_ordinal NOT NULL,
    kind ledger_kind NOT NULL DEFAULT 1,
    balancing ledger_balancing NOT NULL DEFAULT 0,
    group_size int NOT NULL DEFAULT 1 CHECK (group_size >= 1 AND (group_size = 1 OR group_id IS NOT NULL)),
    group_id uuid,
    reference uuid,
    pending_id uuid CHECK ((pending_id IS NOT NULL) = (kind BETWEEN 3 AND 5)),
    reverses_id uuid,
    lots_of uuid,
    requested bigint,
    timeout_seconds int,
    event_time timestamptz,
    lot_expires_at timestamptz,
    lot_available_at timestamptz,
    lot_funder uuid,
    lot_unit_cost bigint
) PARTITION BY RANGE (id);
CREATE INDEX ledger_transfer_xact ON ledger_transfer (xact);
COMMENT ON COLUMN ledger_transfer.sequence IS 'place in its batch; (recorded_at, xact, sequence) is the order of recording';
COMMENT ON COLUMN ledger_transfer.requested IS 'the amount asked for, where another amount was moved';
COMMENT ON COLUMN ledger_transfer.lot_unit_cost IS 'null: no lot terms were given';

CREATE TABLE ledger_balance (
    account_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    debits_pending bigint NOT NULL,
    debits_posted bigint NOT NULL,
    credits_pending bigint NOT NULL,
    credits_posted bigint NOT NULL,
    transfer_ids uuid[] NOT NULL,
    PRIMARY KEY (account_id, recorded_at)
) PARTITION BY RANGE (recorded_at);
COMMENT ON TABLE ledger_balance IS 'one row per account and batch: the counters after it, and its transfers in order';

CREATE TABLE ledger_refusal (
    id uuid PRIMARY KEY,
    debit_account_id uuid NOT NULL,
    credit_account_id uuid NOT NULL,
    amount bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    sequence int NOT NULL,
    code int NOT NULL,
    kind smallint NOT NULL DEFAULT 1,
    balancing smallint NOT NULL DEFAULT 0,
    group_id uuid,
    reference uuid,
    pending_id uuid,
    reverses_id uuid,
    lots_of uuid,
    timeout_seconds int,
    event_time timestamptz,
    lot_expires_at timestamptz,
    lot_available_at timestamptz,
    lot_funder uuid,
    lot_unit_cost bigint,
    status text NOT NULL
);
"""

CLAIMS = """
CREATE TABLE ledger_pending (
    id uuid PRIMARY KEY,
    times_out_at timestamptz,
    resolved_by uuid,
    resolution smallint CHECK (resolution BETWEEN 3 AND 5),
    CHECK ((resolved_by IS NULL) = (resolution IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX ledger_pending_times_out_at ON ledger_pending (times_out_at, id)
    WHERE resolved_by IS NULL AND times_out_at IS NOT NULL;

CREATE TABLE ledger_reversal (
    original_id uuid PRIMARY KEY,
    reversal_id uuid NOT NULL
);
"""

LOT = """
CREATE TABLE ledger_lot (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    opened bigint NOT NULL CHECK (opened > 0),
    remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND opened),
    live boolean NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED,
    expires_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    unit_cost bigint NOT NULL CHECK (unit_cost >= 0),
    funder uuid,
    origin uuid
) WITH (fillfactor = 70);
CREATE INDEX ledger_lot_of_account ON ledger_lot (account_id, expires_at, id) WHERE live;
CREATE INDEX ledger_lot_expires_at ON ledger_lot (expires_at, account_id) WHERE live AND expires_at < 'infinity';
CREATE INDEX ledger_lot_transfer_id ON ledger_lot (transfer_id) WHERE id <> transfer_id;
COMMENT ON COLUMN ledger_lot.id IS 'the id of the crediting transfer, or derived from it when that opened several';
COMMENT ON COLUMN ledger_lot.live IS 'kept apart from remaining so that a partly used lot is updated without its indexes';
COMMENT ON COLUMN ledger_lot.origin IS 'the lot that it was moved from, or that it stands in for after that expired';

CREATE TABLE ledger_lot_use (
    transfer_id uuid PRIMARY KEY,
    restores uuid,
    lot_ids uuid[] NOT NULL,
    amounts bigint[] NOT NULL CHECK (cardinality(amounts) = cardinality(lot_ids))
);
CREATE INDEX ledger_lot_use_restores ON ledger_lot_use (restores) WHERE restores IS NOT NULL;
COMMENT ON COLUMN ledger_lot_use.amounts IS 'taken from each lot; negative: given back';
COMMENT ON COLUMN ledger_lot_use.restores IS 'the transfer whose use of lots is given back';

CREATE TABLE ledger_lot_extension (
    id uuid PRIMARY KEY,
    lot_id uuid NOT NULL,
    expired_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    reference uuid
);
"""

APPEND_ONLY = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: history is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
DECLARE history text;
BEGIN
    FOREACH history IN ARRAY ARRAY['ledger_transfer', 'ledger_balance', 'ledger_refusal', 'ledger_reversal',
                                   'ledger_lot_use', 'ledger_lot_extension']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I
                        FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()', history);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', history);
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM agio_app', history);
    END LOOP;
END
$$;

REVOKE UPDATE, DELETE, TRUNCATE ON ledger_asset, ledger_account, ledger_pending, ledger_lot FROM agio_app;
GRANT UPDATE (closed_until) ON ledger_asset TO agio_app;
GRANT UPDATE (debits_pending, debits_posted, credits_pending, credits_posted, last_recorded_at, credit_line, closed_at)
    ON ledger_account TO agio_app;
GRANT UPDATE (resolved_by, resolution) ON ledger_pending TO agio_app;
GRANT UPDATE (remaining, expires_at) ON ledger_lot TO agio_app;
"""

MONTHS = """
CREATE FUNCTION ledger_protect_partition(partition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON %I FROM agio_app', partition);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', partition);
END
$$;

CREATE FUNCTION ledger_month_id(month timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE FUNCTION ledger_open_month(instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month timestamptz := date_trunc('month', instant, 'UTC');
    following timestamptz := date_trunc('month', month + interval '40 days', 'UTC');
    suffix text := to_char(month AT TIME ZONE 'UTC', '_YYYY_MM');
BEGIN
    IF to_regclass('ledger_transfer' || suffix) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF ledger_transfer FOR VALUES FROM (%L) TO (%L)',
                   'ledger_transfer' || suffix, ledger_month_id(month), ledger_month_id(following));
    EXECUTE format('CREATE TABLE %I PARTITION OF ledger_balance FOR VALUES FROM (%L) TO (%L)',
                   'ledger_balance' || suffix, month, following);
    PERFORM ledger_protect_partition('ledger_transfer' || suffix);
    PERFORM ledger_protect_partition('ledger_balance' || suffix);
    RETURN true;
END
$$;

CREATE TABLE ledger_transfer_default PARTITION OF ledger_transfer DEFAULT;
CREATE TABLE ledger_balance_default PARTITION OF ledger_balance DEFAULT;
SELECT ledger_protect_partition('ledger_transfer_default'), ledger_protect_partition('ledger_balance_default');
SELECT ledger_open_month(now() + months * interval '1 month') FROM generate_series(0, 3) AS months;
"""

LOCK = """
CREATE FUNCTION ledger_lock(account_ids uuid[], transfer_ids uuid[], first_id uuid, last_id uuid, all_or_none boolean)
RETURNS TABLE (
    id uuid, asset text, limits ledger_limits, credit_line ledger_credit_line, lots boolean, closed boolean,
    debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint,
    last_recorded_at timestamptz
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE settings text;
BEGIN
    settings := set_config('enable_seqscan', 'off', true) || set_config('plan_cache_mode', 'force_generic_plan', true);
    IF all_or_none THEN
        IF (SELECT count(*) FROM ledger_account WHERE id = ANY (account_ids)) < cardinality(account_ids) THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
        SELECT id, asset, limits, credit_line, lots, closed_at IS NOT NULL, debits_pending, debits_posted,
               credits_pending, credits_posted, last_recorded_at
        FROM ledger_account WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
    closed := EXISTS (SELECT FROM ledger_transfer WHERE id = ANY (transfer_ids) AND id BETWEEN first_id AND last_id)
              OR EXISTS (SELECT FROM ledger_refusal WHERE id = ANY (transfer_ids));
    last_recorded_at := clock_timestamp();
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION ledger_lock IS
    'locks accounts in the order of their ids; one row each, then one with the time as its last recording, which is
     "closed" when a transfer id is known.
     A function, because each of its statements sees what was committed while the one before waited, and all of it
     is one round trip. Plans made while the tables were small are kept until they are analysed, so none may scan a
     table, and all are kept: for a batch of one, planning would take longer than running. Both hold until the write.';
"""


class Migration(migrations.Migration):
    operations = [RunSQL(sql) for sql in (ACCOUNT, HISTORY, CLAIMS, LOT, APPEND_ONLY, MONTHS, LOCK)]
