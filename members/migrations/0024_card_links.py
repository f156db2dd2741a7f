"""What a brand and its member have confirmed of a card that was linked: the name on it, and the brand's lasting token."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

TABLE = """
CREATE TABLE members_card_link (
    membership_id uuid PRIMARY KEY REFERENCES members_membership,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    linked_at timestamptz NOT NULL
);
COMMENT ON COLUMN members_card_link.sealed IS 'name and token under a key of their own; bound to the card';
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0002_identity_changes")]
    operations = [RunSQL(TABLE)]
