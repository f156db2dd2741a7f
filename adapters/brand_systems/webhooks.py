"""Reads a brand's webhook: whether the brand sent it, and what it tells."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Final

from adapters.brand_systems.authenticating import digest
from adapters.brand_systems.caller import Caller
from adapters.brand_systems.figures import Unreadable
from adapters.brand_systems.judging import Rules
from adapters.brand_systems.reading import Reading, parsed_json
from adapters.brand_systems.secrets import MissingSecret
from brands.adapter.messages import AnswerMapping
from brands.adapter.security import WebhookSignature, WebhookSignatureKind
from brands.adapter.templates import filled
from brands.adapter.webhook import WebhookMapping
from exchange.brand_system import BrandEvent, Failed, Failure

_STANDARD_PREFIX: Final = "whsec_"


async def read_webhook(caller: Caller, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
    """What it tells; AUTH: it is not the brand's, or too old."""
    webhook = caller.adapter.webhook
    if webhook is None:
        return Failed(Failure.UNSUPPORTED, "no webhooks are configured")
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        key = await caller.who.secret(webhook.signature.secret)
    except MissingSecret as error:
        return Failed(Failure.AUTH, str(error))
    if not _is_genuine(webhook.signature, key, lower, body, caller.clock.now().timestamp()):
        return Failed(Failure.AUTH, "the signature is wrong or too old")
    try:
        return _event(webhook, Reading({"headers": lower, "body": parsed_json(body)}), caller)
    except Unreadable as error:
        return Failed(Failure.INVALID, str(error))


def _event(webhook: WebhookMapping, read: Reading, caller: Caller) -> BrandEvent | Failed:
    name, reference = read.name(webhook.id), read.name(webhook.reference)
    if name is None:
        return Failed(Failure.INVALID, "the event has no id")
    rules = Rules(
        _answer(webhook), {}, {**caller.adapter.failures, **webhook.failures}, caller.figures, caller.clock.now()
    )
    answer = rules.judge_event(read) if reference is not None else None
    return BrandEvent(name, reference, answer, read.name(webhook.number), read.name(webhook.tier))


def _answer(webhook: WebhookMapping) -> AnswerMapping:
    return AnswerMapping(
        done=webhook.done,
        pending=webhook.pending,
        failed=webhook.failed,
        code=webhook.code,
        message=webhook.message,
        brand_reference=webhook.brand_reference,
        recorded_at=webhook.recorded_at,
        balance=webhook.balance,
    )


def _is_genuine(signature: WebhookSignature, key: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    if signature.kind is WebhookSignatureKind.STANDARD:
        return _is_standard(signature, key, headers, body, now)
    given = headers.get((signature.header or "").lower(), "")
    timestamp = ""
    if signature.timestamp_header is not None:
        timestamp = headers.get(signature.timestamp_header.lower(), "")
        if not _is_fresh(timestamp, signature, now):
            return False
    signed = body
    if signature.text is not None:
        signed = str(filled(signature.text, {"timestamp": timestamp, "body": body.decode("utf-8", "replace")})).encode()
    wanted = (signature.prefix or "") + digest(key, signed, signature)
    return hmac.compare_digest(given.encode(), wanted.encode())


def _is_standard(signature: WebhookSignature, key: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    name, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _is_fresh(timestamp, signature, now):
        return False
    try:
        secret = b64decode(key.removeprefix(_STANDARD_PREFIX), validate=True)
    except NotBase64:
        return False
    found = hmac.digest(secret, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)
    wanted = f"v1,{b64encode(found).decode()}".encode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), wanted) for one in given)


def _is_fresh(timestamp: str, signature: WebhookSignature, now: float) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004 - digits
        return False
    return abs(now - int(timestamp)) <= signature.tolerance_seconds
