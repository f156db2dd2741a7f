"""Lock a batch's accounts along their index, which has them in the order of their ids: nothing is left to sort.

For a batch of one, setting up a bitmap and a sort took longer than what they are there for.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

LOCK = """
CREATE OR REPLACE FUNCTION ledger_lock(
    account_ids uuid[], transfer_ids uuid[], first_id uuid, last_id uuid, all_or_none boolean
) RETURNS SETOF ledger_locked LANGUAGE plpgsql AS $$
DECLARE
    settings text;
    last ledger_locked;
BEGIN
    settings := set_config('enable_seqscan', 'off', true) || set_config('enable_bitmapscan', 'off', true)
        || set_config('plan_cache_mode', 'force_generic_plan', true);
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
"""


class Migration(migrations.Migration):
    operations = [RunSQL(LOCK)]
