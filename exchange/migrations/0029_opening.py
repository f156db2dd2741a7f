"""Opening a batch of acceptances in one round trip: its locks, and everything that it is judged by.

A function, because each of its statements sees what was committed while the one before waited for locks. It is planned
once, for any number of acceptances, as a few probes of indexes for each, joined as it is written: how many members and
exchanges there are makes no difference, nor what was known of that when the plan was made.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

_PLANNED = """
    SET plan_cache_mode = 'force_generic_plan'
    SET join_collapse_limit = 1
    SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off'"""

KEYS = f"""
CREATE FUNCTION exchange_keys(member_ids uuid[], quote_ids uuid[]) RETURNS bigint[]
LANGUAGE plpgsql {_PLANNED} AS $$
BEGIN
    RETURN (
        SELECT array_agg(DISTINCT key ORDER BY key)
        FROM (
            SELECT unnest(member_ids)
            UNION ALL
            SELECT record.member_id
            FROM unnest(member_ids) AS asked (id) JOIN members_record AS record ON record.id = asked.id
            UNION ALL
            SELECT card.id
            FROM unnest(member_ids, quote_ids) AS asked (member_id, quote_id)
            JOIN exchange_quote AS quote ON quote.id = asked.quote_id
            CROSS JOIN LATERAL (
                SELECT quote.source_membership_id
                UNION ALL
                SELECT own.id
                FROM (
                    SELECT membership.id, membership.program_id
                    FROM members_record AS holder
                    JOIN members_record AS record ON record.member_id = holder.member_id
                    JOIN members_membership AS membership ON membership.id = record.id
                    WHERE holder.id = asked.member_id
                    OFFSET 0
                ) AS own
                WHERE own.program_id = quote.source_program_id
            ) AS card (id)
        ) AS named (id)
        CROSS JOIN hashtextextended(named.id::text, {0x45584348}) AS key
    );
END
$$;
-- OFFSET 0 keeps the planner from beginning with all cards of the program.
COMMENT ON FUNCTION exchange_keys IS
    'what acceptances lock, in order. The keys and limits of a member are counted by one transaction at a time, under
     whichever ids the member is known since records were merged; and so are quotes of cards that were the member''s before.
     Every card that counts is locked as well: whoever merges two people while we count has their cards counted after us.';
"""

OPEN = f"""
CREATE TYPE exchange_opening AS (
    opened_at timestamptz,
    revision uuid,
    holder_id uuid,
    keyed_as uuid,
    used_as uuid,
    card_ids uuid[],
    program_ids uuid[],
    active boolean[],
    usages exchange_usage[],
    quote exchange_quote
);
COMMENT ON TYPE exchange_opening IS
    'what an acceptance is judged by: when, and by which directory; as whom the member goes, with which cards; the exchanges
     that have its key, or its quote already; what was exchanged from the cards that count with the quote''s; the quote';

CREATE FUNCTION exchange_open(member_ids uuid[], quote_ids uuid[], idempotency_keys text[], pinned timestamptz)
RETURNS SETOF exchange_opening LANGUAGE plpgsql {_PLANNED} AS $$
DECLARE
    keys bigint[] := exchange_keys(member_ids, quote_ids);
    newest uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(key) FROM unnest(keys) AS key;
    IF exchange_keys(member_ids, quote_ids) <> keys THEN
        RETURN;
    END IF;
    newest := (SELECT id FROM brands_revision ORDER BY number DESC LIMIT 1);
    pinned := coalesce(pinned, clock_timestamp());
    RETURN QUERY
        SELECT pinned, newest, holder.member_id, keyed.id, used.id, cards.*,
            ARRAY(
                SELECT usage
                FROM unnest(cards.ids, cards.program_ids) AS card (id, program_id)
                JOIN exchange_usage AS usage ON usage.membership_id = card.id
                WHERE card.program_id = quote.source_program_id
            ),
            quote
        FROM unnest(member_ids, quote_ids, idempotency_keys) WITH ORDINALITY
            AS asked (member_id, quote_id, idempotency_key, place)
        LEFT JOIN exchange_quote AS quote ON quote.id = asked.quote_id
        LEFT JOIN members_record AS holder ON holder.id = asked.member_id
        LEFT JOIN exchange_exchange AS keyed
            ON keyed.member_id = asked.member_id AND keyed.idempotency_key = asked.idempotency_key
        LEFT JOIN exchange_exchange AS used ON used.quote_id = asked.quote_id
        CROSS JOIN LATERAL (
            SELECT array_agg(membership.id) AS ids, array_agg(membership.program_id) AS program_ids,
                array_agg(membership.status = 'active') AS active
            FROM members_record AS record JOIN members_membership AS membership ON membership.id = record.id
            WHERE record.member_id = holder.member_id
        ) AS cards
        ORDER BY asked.place;
END
$$;
COMMENT ON FUNCTION exchange_open IS
    'one row for each acceptance, in order; none at all when it changed who is who while the batch waited for its locks:
     they are the wrong ones then';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0028_lockouts")]
    operations = [RunSQL(KEYS), RunSQL(OPEN)]
