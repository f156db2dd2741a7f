"""Opening a batch looks only once for what it locks: who opens sees by what was found whether those were the right locks."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

_PLANNED = """
    SET plan_cache_mode = 'force_generic_plan'
    SET join_collapse_limit = 1
    SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off'"""

DROPPED = """
DROP FUNCTION exchange_open;
DROP FUNCTION exchange_keys;
DROP TYPE exchange_opening;
"""

OPEN = f"""
CREATE TYPE exchange_opening AS (
    locked uuid[],
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
    'what an acceptance is judged by: whom and which cards the batch has locked (only in the first row); when, and by which
     directory; as whom the member goes, with which cards; the exchanges that have its key, or its quote already; what was
     exchanged from the cards that count with the quote''s; the quote';

CREATE FUNCTION exchange_open(member_ids uuid[], quote_ids uuid[], idempotency_keys text[], pinned timestamptz)
RETURNS SETOF exchange_opening LANGUAGE plpgsql {_PLANNED} AS $$
DECLARE
    locked uuid[] := (
        SELECT array_agg(DISTINCT named.id)
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
    );
BEGIN
    PERFORM pg_advisory_xact_lock(key)
    FROM (
        SELECT DISTINCT hashtextextended(id::text, {0x45584348}) AS key FROM unnest(locked) AS named (id) ORDER BY key
    ) AS keys;
    pinned := coalesce(pinned, clock_timestamp());
    RETURN QUERY
        SELECT CASE asked.place WHEN 1 THEN locked END, pinned,
            (SELECT id FROM brands_revision ORDER BY number DESC LIMIT 1),
            holder.member_id, keyed.id, used.id, cards.*,
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
-- OFFSET 0 keeps the planner from beginning with all cards of the program.
COMMENT ON FUNCTION exchange_open IS
    'one row for each acceptance, in order. The keys and limits of a member are counted by one transaction at a time, under
     whichever ids the member is known since records were merged; and so are quotes of cards that were the member''s before.
     Every card that counts is locked as well: whoever merges two people while we count has their cards counted after us';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0030_holding")]
    operations = [RunSQL(DROPPED), RunSQL(OPEN)]
