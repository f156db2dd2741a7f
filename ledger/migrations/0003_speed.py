"""Rules of rows that cost little, and balances in the past whose plan does not depend on when it was made.

PostgreSQL reads each CHECK of a table back from its text for every statement that writes to the table. For one transfer
that took longer than the rest of the insert. So each table has one short CHECK, which calls a function whose body the
session keeps; accounts still name the rule that was broken.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ACCOUNT = """
CREATE FUNCTION ledger_account_obeys(
    debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint,
    limits smallint, credit_line bigint, lots boolean
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    negative boolean := least(debits_pending, debits_posted, credits_pending, credits_posted) < 0;
    overspent boolean := limits & 1 <> 0 AND debits_pending + debits_posted - credit_line > credits_posted;
    overpaid boolean := limits & 2 <> 0 AND credits_pending + credits_posted - credit_line > debits_posted;
    unlimited boolean := lots AND (limits <> 1 OR credit_line <> 0);
BEGIN
    IF negative OR overspent OR overpaid OR unlimited THEN
        RAISE check_violation USING
            MESSAGE = 'an account would break one of its rules',
            TABLE = 'ledger_account',
            CONSTRAINT = CASE WHEN negative THEN 'counters_must_not_be_negative'
                              WHEN overpaid THEN 'credits_must_not_exceed_debits'
                              WHEN overspent THEN 'debits_must_not_exceed_credits'
                              ELSE 'lots_must_be_limited_without_credit_line' END;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION ledger_account_obeys IS 'raises check_violation under the name of the rule that is broken';

ALTER TABLE ledger_account
    DROP CONSTRAINT ledger_account_check,
    DROP CONSTRAINT counters_must_not_be_negative,
    DROP CONSTRAINT debits_must_not_exceed_credits,
    DROP CONSTRAINT credits_must_not_exceed_debits,
    ADD CONSTRAINT account_must_obey CHECK (ledger_account_obeys(
        debits_pending, debits_posted, credits_pending, credits_posted, limits, credit_line, lots));
"""

TRANSFER = """
CREATE FUNCTION ledger_transfer_obeys(
    debit_account_id uuid, credit_account_id uuid, amount bigint, kind smallint, group_size int, group_id uuid,
    pending_id uuid
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN credit_account_id <> debit_account_id
       AND (amount > 0 OR kind = 6 AND amount = 0)
       AND (group_size = 1 OR group_size > 1 AND group_id IS NOT NULL)
       AND (pending_id IS NOT NULL) = (kind BETWEEN 3 AND 5);
END
$$;
COMMENT ON FUNCTION ledger_transfer_obeys IS
    'two accounts; an amount, but for a closing; a group for linked ones; what is ended, for ends of pending ones';

ALTER TABLE ledger_transfer
    DROP CONSTRAINT ledger_transfer_check,
    DROP CONSTRAINT ledger_transfer_check1,
    DROP CONSTRAINT ledger_transfer_check2,
    DROP CONSTRAINT ledger_transfer_check3,
    ADD CONSTRAINT transfer_must_obey CHECK (ledger_transfer_obeys(
        debit_account_id, credit_account_id, amount, kind, group_size, group_id, pending_id));
"""

BALANCE_AT = """
CREATE FUNCTION ledger_balance_at(account uuid, instant timestamptz)
RETURNS TABLE (debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint)
LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = 'force_generic_plan' SET enable_sort = 'off' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT debits_pending, debits_posted, credits_pending, credits_posted
        FROM ledger_balance
        WHERE account_id = account AND recorded_at <= instant
        ORDER BY recorded_at DESC
        LIMIT 1;
END
$$;
COMMENT ON FUNCTION ledger_balance_at IS
    'no row: the account had not moved yet.
     A function, because two settings hold for this query alone: it is planned once for all instants, since planning over
     all months takes longer than looking; and months are walked backwards in the order of their index. With few rows
     PostgreSQL would rather sort all rows of the account, and keep that plan while they become many.';
"""


class Migration(migrations.Migration):
    operations = [RunSQL(sql) for sql in (ACCOUNT, TRANSFER, BALANCE_AT)]
