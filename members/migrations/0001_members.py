"""Records, identifiers, evidence, verdicts, reviews and memberships."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

TABLES = """
CREATE TABLE members_record (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    member_id uuid NOT NULL REFERENCES members_record,
    wrapped_key bytea,
    sealed_profile bytea,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    -- A member is named by the smallest of its records.
    CONSTRAINT members_record_member_is_smallest CHECK (member_id <= id),
    CONSTRAINT members_record_erased_whole CHECK (
        (wrapped_key IS NULL) = (erased_at IS NOT NULL) AND (sealed_profile IS NULL) = (erased_at IS NOT NULL)
    )
);
CREATE INDEX members_record_member ON members_record (member_id);

CREATE TABLE members_identifier (
    id uuid PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('unionid', 'openid', 'member_number', 'phone', 'email')),
    scope text NOT NULL,
    blocked_reason text
);

CREATE TABLE members_evidence (
    id uuid PRIMARY KEY,
    record_id uuid NOT NULL REFERENCES members_record,
    identifier_id uuid NOT NULL REFERENCES members_identifier,
    seen_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT members_evidence_once UNIQUE (record_id, identifier_id)
);
CREATE INDEX members_evidence_identifier ON members_evidence (identifier_id) INCLUDE (record_id) WHERE revoked_at IS NULL;

CREATE TABLE members_verdict (
    id uuid PRIMARY KEY,
    left_id uuid NOT NULL REFERENCES members_record,
    right_id uuid NOT NULL REFERENCES members_record,
    verdict text NOT NULL CHECK (verdict IN ('same', 'different', 'open')),
    decided_by text NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT members_verdict_ordered CHECK (left_id < right_id)
);
CREATE INDEX members_verdict_left ON members_verdict (left_id);
CREATE INDEX members_verdict_right ON members_verdict (right_id);
REVOKE UPDATE, DELETE ON members_verdict FROM agio_app;

CREATE TABLE members_review (
    id uuid PRIMARY KEY,
    doubt text NOT NULL CHECK (doubt IN ('limit', 'shared', 'contradiction')),
    identifier_id uuid,
    left_id uuid,
    right_id uuid,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT members_review_about_something CHECK (
        (left_id IS NULL) = (right_id IS NULL) AND COALESCE(identifier_id, left_id) IS NOT NULL
    )
);
CREATE INDEX members_review_identifier ON members_review (identifier_id) WHERE closed_at IS NULL;
CREATE INDEX members_review_left ON members_review (left_id) WHERE closed_at IS NULL;
CREATE INDEX members_review_open ON members_review (opened_at, id) WHERE closed_at IS NULL;

CREATE TABLE members_membership (
    id uuid PRIMARY KEY REFERENCES members_record,
    program_id uuid NOT NULL,
    number text,
    tier text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'closed', 'erased')),
    enrolled_on date NOT NULL,
    opening_amount bigint NOT NULL CHECK (opening_amount >= 0),
    opening_last_day date,
    row_digest bytea NOT NULL,
    CONSTRAINT members_membership_number UNIQUE (program_id, number),
    CONSTRAINT members_membership_erased CHECK ((number IS NULL) = (status = 'erased'))
);

CREATE TABLE members_import (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL,
    digest bytea NOT NULL,
    report jsonb NOT NULL,
    finished_at timestamptz NOT NULL
);
CREATE INDEX members_import_program ON members_import (program_id, id);
REVOKE UPDATE, DELETE ON members_import FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(TABLES)]
