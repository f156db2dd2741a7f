"""Endpoints, events, deliveries and attempts.

There are no foreign keys: events and deliveries are forgotten by age, in batches, and an endpoint that was removed
takes its deliveries along by itself.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ENDPOINT = """
CREATE TABLE webhooks_registry (
    id smallint PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO webhooks_registry VALUES (1, 0);
REVOKE INSERT, DELETE ON webhooks_registry FROM agio_app;

CREATE TABLE webhooks_endpoint (
    id uuid PRIMARY KEY,
    brand_id uuid NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    description text NOT NULL,
    sealed_secret bytea NOT NULL,
    sealed_former_secret bytea,
    former_until timestamptz,
    client_id text NOT NULL,
    idempotency_key text NOT NULL,
    rotation_key text,
    created_at timestamptz NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    CHECK ((sealed_former_secret IS NULL) = (former_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    UNIQUE (client_id, idempotency_key)
);
CREATE INDEX webhooks_endpoint_by_brand ON webhooks_endpoint (brand_id, id);

-- Whoever tells of events keeps the endpoints in memory and looks at this number only.
CREATE FUNCTION webhooks_count_version() RETURNS trigger AS $$
BEGIN
    UPDATE webhooks_registry SET version = version + 1;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER webhooks_endpoint_changed
    AFTER INSERT OR DELETE OR UPDATE OF brand_id, types, disabled_at ON webhooks_endpoint
    FOR EACH STATEMENT EXECUTE FUNCTION webhooks_count_version();
"""

EVENT = """
CREATE TABLE webhooks_event (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    brand_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    body text NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX webhooks_event_by_brand ON webhooks_event (brand_id, occurred_at);
CREATE INDEX webhooks_event_recorded_at ON webhooks_event USING brin (recorded_at) WITH (autosummarize = on);
REVOKE UPDATE ON webhooks_event FROM agio_app;

CREATE TABLE webhooks_delivery (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    is_replay boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK ((state = 'PENDING') = (finished_at IS NULL))
);
CREATE INDEX webhooks_delivery_due ON webhooks_delivery (endpoint_id, due_at, id) WHERE state = 'PENDING';
CREATE INDEX webhooks_delivery_by_event ON webhooks_delivery (event_id);
CREATE INDEX webhooks_delivery_by_endpoint ON webhooks_delivery (endpoint_id, id);
CREATE INDEX webhooks_delivery_recorded_at ON webhooks_delivery USING brin (recorded_at) WITH (autosummarize = on);

CREATE TABLE webhooks_attempt (
    delivery_id uuid,
    number integer CHECK (number > 0),
    sent_at timestamptz NOT NULL,
    duration_ms integer NOT NULL CHECK (duration_ms >= 0),
    status integer,
    failure text,
    answer text NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
REVOKE UPDATE ON webhooks_attempt FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(ENDPOINT), RunSQL(EVENT)]
