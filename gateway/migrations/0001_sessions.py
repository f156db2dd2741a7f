"""Sessions of members and the refresh tokens that carry them on."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

SESSIONS = """
CREATE TABLE gateway_session (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    client_id text NOT NULL,
    started_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX gateway_session_member ON gateway_session (member_id);

CREATE TABLE gateway_refresh_token (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES gateway_session (id),
    parent_id uuid UNIQUE REFERENCES gateway_refresh_token (id),
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > issued_at),
    rotated_at timestamptz,
    rotation_digest bytea CHECK (length(rotation_digest) = 32),
    CHECK ((rotated_at IS NULL) = (rotation_digest IS NULL))
);
CREATE INDEX gateway_refresh_token_session ON gateway_refresh_token (session_id);
"""


class Migration(migrations.Migration):
    operations = [RunSQL(SESSIONS)]
