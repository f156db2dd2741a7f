"""What must hold for the webhooks that a brand sends."""

from dataclasses import fields

from brands.adapter.adapter import Adapter
from brands.adapter.kinds import AdapterKind
from brands.adapter.known import SIGNED_WEBHOOK, WEBHOOK
from brands.adapter.security import WebhookSignature, WebhookSignatureKind
from brands.adapter.webhook import WebhookMapping
from brands.config.problems import Path, Problems
from brands.config.templates import check_expression, check_template


def check_webhook(path: Path, adapter: Adapter, problems: Problems) -> None:
    """Note everything that does not hold."""
    webhook = adapter.webhook
    if webhook is None:
        return
    _check_signature((*path, "signature"), webhook.signature, problems)
    for name in (field.name for field in fields(WebhookMapping) if field.name not in {"signature", "failures"}):
        expression = getattr(webhook, name)
        if expression is not None:
            check_expression((*path, name), expression, WEBHOOK, problems)
    if adapter.kind is not AdapterKind.SIMULATOR:
        _check_meaning(path, webhook, problems)


def _check_signature(path: Path, signature: WebhookSignature, problems: Problems) -> None:
    if signature.kind is WebhookSignatureKind.STANDARD:
        for name in ("header", "prefix", "text", "timestamp_header"):
            if getattr(signature, name) is not None:
                problems.add((*path, name), "Standard Webhooks say what it is.")
        return
    if signature.header is None:
        problems.add((*path, "header"), "The kind hmac needs this.")
    if signature.text is not None:
        used = check_template((*path, "text"), signature.text, SIGNED_WEBHOOK, problems)
        if "body" not in used:
            problems.add((*path, "text"), "What is signed must hold ${body}.")
        if "timestamp" in used and signature.timestamp_header is None:
            problems.add((*path, "timestamp_header"), "Where does the time-stamp stand that is signed?")


def _check_meaning(path: Path, webhook: WebhookMapping, problems: Problems) -> None:
    if webhook.reference is None and webhook.tier is None:
        problems.add(path, "A webhook tells of an instruction (reference) or of a tier (tier and number).")
    if webhook.reference is not None and webhook.done is None:
        problems.add((*path, "done"), "When is the instruction done?")
    if webhook.tier is not None and webhook.number is None:
        problems.add((*path, "number"), "Whose tier is it?")
