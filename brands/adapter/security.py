"""How each side proves who it is. Secrets have names here; their values come from elsewhere."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeAlias

from brands.adapter.leaves import HeaderLeaf, TemplateLeaf, UrlLeaf
from brands.config.leaves import ChoiceLeaf, CodeLeaf, TextLeaf, WholeLeaf

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_TOLERANCE_SECONDS_MAX = 86_400

Header: TypeAlias = Annotated[str, HeaderLeaf()]
Template: TypeAlias = Annotated[str, TemplateLeaf()]
Text: TypeAlias = Annotated[str, TextLeaf()]
SecretName: TypeAlias = Annotated[
    str, CodeLeaf(_NAME, "a secret is named, never written: lower-case letters, digits and single hyphens")
]


class AuthenticationKind(StrEnum):
    """How we prove to a brand's system who we are."""

    NONE = "none"
    HEADER = "header"
    """A key in a header of every request."""
    BASIC = "basic"
    """User and password."""
    OAUTH2 = "oauth2"
    """A token got with client credentials, renewed before it ends."""
    SIGNATURE = "signature"
    """An HMAC over the request."""


class Hash(StrEnum):
    """Of an HMAC."""

    SHA256 = "sha256"
    SHA512 = "sha512"


class Digits(StrEnum):
    """How a signature is written."""

    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """`[programs.CODE.adapter.authentication]`: which fields there are depends on the kind."""

    kind: Annotated[AuthenticationKind, ChoiceLeaf(AuthenticationKind)] = AuthenticationKind.NONE
    secret: SecretName | None = None
    """The key, the password, the client's secret or the key of the HMAC."""
    header: Header | None = None
    """Where the key or the signature stands."""
    prefix: Annotated[str, TemplateLeaf()] | None = None
    """What stands before it there: `"Bearer "`."""
    user: Text | None = None
    client_id: Text | None = None
    token_url: Annotated[str, UrlLeaf()] | None = None
    scope: Text | None = None
    text: Template | None = None
    """What is signed, of `method`, `path` (with its query), `timestamp` (seconds since 1970), `nonce` and `body`."""
    timestamp_header: Header | None = None
    nonce_header: Header | None = None
    hash: Annotated[Hash, ChoiceLeaf(Hash)] = Hash.SHA256
    digits: Annotated[Digits, ChoiceLeaf(Digits)] = Digits.HEX


class WebhookSignatureKind(StrEnum):
    """How a brand proves that a webhook is its own."""

    HMAC = "hmac"
    """An HMAC in a header."""
    STANDARD = "standard"
    """As Standard Webhooks describes it: headers `webhook-id`, `webhook-timestamp`, `webhook-signature`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSignature:
    """`[programs.CODE.adapter.webhook.signature]`."""

    kind: Annotated[WebhookSignatureKind, ChoiceLeaf(WebhookSignatureKind)]
    secret: SecretName
    header: Header | None = None
    prefix: Annotated[str, TemplateLeaf()] | None = None
    text: Template | None = None
    """What is signed, of `timestamp` and `body`; left out: the body."""
    timestamp_header: Header | None = None
    hash: Annotated[Hash, ChoiceLeaf(Hash)] = Hash.SHA256
    digits: Annotated[Digits, ChoiceLeaf(Digits)] = Digits.HEX
    tolerance_seconds: Annotated[int, WholeLeaf(1, _TOLERANCE_SECONDS_MAX, 1)] = 300
    """How far the time-stamp may lie from now."""
