"""The tables of the gateway."""

from tortoise import fields
from tortoise.models import Model


class Session(Model):
    """One sign-in of one member, until it ends or is revoked."""

    id = fields.UUIDField(primary_key=True)
    member_id = fields.UUIDField()
    client_id = fields.TextField()
    started_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """The table."""

        table = "gateway_session"


class RefreshToken(Model):
    """One link of a session's chain of refresh tokens; only a digest of the token is kept."""

    id = fields.UUIDField(primary_key=True)
    session_id = fields.UUIDField()
    parent_id = fields.UUIDField(null=True)
    digest = fields.BinaryField()
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    rotated_at = fields.DatetimeField(null=True)
    rotation_digest = fields.BinaryField(null=True)

    class Meta:
        """The table."""

        table = "gateway_refresh_token"
