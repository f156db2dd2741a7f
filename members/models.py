"""The tables of members. What cannot be said here (keys, checks, indexes) is in the migrations."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Record(Model):
    """What one source says about one person; its id follows from source and key."""

    id = fields.UUIDField(primary_key=True)
    source = fields.TextField()
    member_id = fields.UUIDField()
    wrapped_key = fields.BinaryField(null=True)
    sealed_profile = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    erased_at = fields.DatetimeField(null=True)
    identity_changed_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "members_record"


class Identifier(Model):
    """A keyed hash of a phone number, an address or an id."""

    id = fields.UUIDField(primary_key=True)
    type = fields.TextField()
    scope = fields.TextField()
    blocked_reason = fields.TextField(null=True)

    class Meta:
        """The table."""

        table = "members_identifier"


class Evidence(Model):
    """A record carries an identifier."""

    id = fields.UUIDField(primary_key=True)
    record_id = fields.UUIDField()
    identifier_id = fields.UUIDField()
    seen_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "members_evidence"


class Verdict(Model):
    """What a person decided about two records; the last one counts."""

    id = fields.UUIDField(primary_key=True)
    left_id = fields.UUIDField()
    right_id = fields.UUIDField()
    verdict = fields.TextField()
    decided_by = fields.TextField()
    reason = fields.TextField()
    decided_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "members_verdict"


class Review(Model):
    """A question that only a person can answer."""

    id = fields.UUIDField(primary_key=True)
    doubt = fields.TextField()
    identifier_id = fields.UUIDField(null=True)
    left_id = fields.UUIDField(null=True)
    right_id = fields.UUIDField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "members_review"


class Membership(Model):
    """A member's card of a program; its id is its record's."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    number = fields.TextField(null=True)
    tier = fields.TextField()
    status = fields.TextField()
    enrolled_on = fields.DateField()
    opening_amount = fields.BigIntField()
    opening_last_day = fields.DateField(null=True)
    row_digest = fields.BinaryField()

    class Meta:
        """The table."""

        table = "members_membership"


class CardLink(Model):
    """What linking a card brought, sealed."""

    membership_id = fields.UUIDField(primary_key=True)
    wrapped_key = fields.BinaryField()
    sealed = fields.BinaryField()
    linked_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "members_card_link"


class Import(Model):
    """A file that was imported whole."""

    id = fields.UUIDField(primary_key=True)
    program_id = fields.UUIDField()
    digest = fields.BinaryField()
    report: Any = fields.JSONField()
    finished_at = fields.DatetimeField()

    class Meta:
        """The table."""

        table = "members_import"
