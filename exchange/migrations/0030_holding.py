"""Holding exchanges in one round trip: their locks, and then what is known of them.

A function, because its second statement sees what was committed while the first waited. What the transaction plans
from then on goes along indexes: a plan made while there were a few exchanges would otherwise read all of them when
there are thousands.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

HOLD = """
CREATE TYPE exchange_held AS (
    held_at timestamptz,
    revision uuid,
    exchange exchange_exchange,
    waiting exchange_errand[]
);
COMMENT ON TYPE exchange_held IS
    'a locked exchange: since when, the directory it goes by, and its errands that are not over or have a call to make';

CREATE FUNCTION exchange_hold(exchange_ids uuid[], pinned timestamptz)
RETURNS SETOF exchange_held LANGUAGE plpgsql AS $$
DECLARE
    setting text := set_config('enable_seqscan', 'off', true);
BEGIN
    PERFORM FROM exchange_exchange WHERE id = ANY (exchange_ids) ORDER BY id FOR NO KEY UPDATE;
    pinned := coalesce(pinned, clock_timestamp());
    RETURN QUERY
        SELECT pinned, (SELECT id FROM brands_revision ORDER BY number DESC LIMIT 1), exchange,
            ARRAY(
                SELECT errand FROM exchange_errand AS errand
                WHERE errand.exchange_id = exchange.id AND (errand.due_at IS NOT NULL OR errand.outcome IS NULL)
                ORDER BY errand.created_at, errand.id
            )
        FROM exchange_exchange AS exchange WHERE exchange.id = ANY (exchange_ids) ORDER BY exchange.id;
END
$$;
COMMENT ON FUNCTION exchange_hold IS 'one row for each of the exchanges there are, locked in the order of their ids';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0029_opening")]
    operations = [RunSQL(HOLD)]
