"""How a brand's webhooks are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from brands.adapter.messages import AFailure, BrandCode, Expression
from brands.adapter.security import WebhookSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMapping:
    """`[programs.CODE.adapter.webhook]`: JMESPath over `{headers, body}`; header names in lower case."""

    signature: WebhookSignature
    id: Expression
    """The brand's own name of the event: the same event twice is one event."""
    reference: Expression | None = None
    """Ours, of the instruction that it is about."""
    number: Expression | None = None
    tier: Expression | None = None
    done: Expression | None = None
    pending: Expression | None = None
    failed: Expression | None = None
    code: Expression | None = None
    message: Expression | None = None
    brand_reference: Expression | None = None
    recorded_at: Expression | None = None
    balance: Expression | None = None
    failures: Mapping[BrandCode, AFailure] = field(default_factory=dict)
