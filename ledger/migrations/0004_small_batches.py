"""Less to do for a batch of one: the rules of an account as one expression, and what `ledger_lock` returns as a type.

PostgreSQL sets up every expression of a PL/pgSQL function anew in each transaction, and works out the columns of a
function that names them itself at each call; for one transfer both take longer than what they are there for.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ACCOUNT = """
CREATE OR REPLACE FUNCTION ledger_account_obeys(
    debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint,
    limits smallint, credit_line bigint, lots boolean, OUT obeys boolean
) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    broken text;
BEGIN
    IF limits > 1
        OR limits = 1 AND debits_pending + debits_posted - credit_line > credits_posted
        OR lots AND (limits <> 1 OR credit_line <> 0)
        OR least(debits_pending, debits_posted, credits_pending, credits_posted) < 0
    THEN
        broken := CASE
            WHEN least(debits_pending, debits_posted, credits_pending, credits_posted) < 0
                THEN 'counters_must_not_be_negative'
            WHEN limits & 2 <> 0 AND credits_pending + credits_posted - credit_line > debits_posted
                THEN 'credits_must_not_exceed_debits'
            WHEN limits & 1 <> 0 AND debits_pending + debits_posted - credit_line > credits_posted
                THEN 'debits_must_not_exceed_credits'
            WHEN lots AND (limits <> 1 OR credit_line <> 0)
                THEN 'lots_must_be_limited_without_credit_line' END;
        IF broken IS NOT NULL THEN
            RAISE check_violation USING
                MESSAGE = 'an account would break one of its rules', TABLE = 'ledger_account', CONSTRAINT = broken;
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_account_obeys IS
    'raises check_violation under the name of the rule that is broken; null, which a CHECK accepts, when none is.
     Most accounts are done with the first condition; those limited the other way are always looked at closely.';
"""

LOCK = """
CREATE TYPE ledger_locked AS (
    id uuid, asset text, limits smallint, credit_line bigint, lots boolean, closed boolean,
    debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint,
    last_recorded_at timestamptz
);

DROP FUNCTION ledger_lock;
CREATE FUNCTION ledger_lock(account_ids uuid[], transfer_ids uuid[], first_id uuid, last_id uuid, all_or_none boolean)
RETURNS SETOF ledger_locked LANGUAGE plpgsql AS $$
DECLARE
    settings text;
    last ledger_locked;
BEGIN
    settings := set_config('enable_seqscan', 'off', true) || set_config('plan_cache_mode', 'force_generic_plan', true);
    IF all_or_none THEN
        IF (SELECT count(*) FROM ledger_account WHERE id = ANY (account_ids)) < cardinality(account_ids) THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
        SELECT id, asset, limits::smallint, credit_line::bigint, lots, closed_at IS NOT NULL,
               debits_pending, debits_posted, credits_pending, credits_posted, last_recorded_at
        FROM ledger_account WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
    last.closed := EXISTS (SELECT FROM ledger_transfer WHERE id = ANY (transfer_ids) AND id BETWEEN first_id AND last_id)
                   OR EXISTS (SELECT FROM ledger_refusal WHERE id = ANY (transfer_ids));
    last.last_recorded_at := clock_timestamp();
    RETURN NEXT last;
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
    operations = [RunSQL(sql) for sql in (ACCOUNT, LOCK)]
