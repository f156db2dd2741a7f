"""Expected refusals as members of result unions: each has its own type, and a sentence for people.

Here stand those that several nouns share; the others stand beside their nouns. Where a union of a domain crosses into
the graph, `match` ends with `assert_never`: a refusal that is new there does not type-check here until it is mapped.
"""

import strawberry
from strawberry.utils.str_converters import to_camel_case

import core.refusals
from core.amounts import AmountError, format_amount, parse_amount
from schema.scalars import Amount


@strawberry.interface
class Refusal:
    """An expected "no". Nothing was done."""

    message: str
    """One sentence for a person."""


@strawberry.type
class InvalidAmount(Refusal):
    """The text is not an exact amount: decimal digits, with no more decimals than the points have."""


@strawberry.type
class KeyUnusable(Refusal):
    """The idempotency key is empty, too long or not printable."""

    length_max: int
    """The most characters."""


@strawberry.type
class IdempotencyConflict(Refusal):
    """The idempotency key was used before with other content."""

    field: str
    """The first field that differs, spelt as in the input."""


@strawberry.type
class InsufficientPoints(Refusal):
    """There are not enough points. Points whose last day has passed do not count."""

    needed: Amount
    """What it takes."""
    available: Amount
    """What there is."""


@strawberry.type
class NetDebitCapReached(Refusal):
    """The brand behind these points may not owe more before the next settlement. Try again later."""


def invalid_amount(error: AmountError) -> InvalidAmount:
    """The refusal for a text that is no amount."""
    return InvalidAmount(message=f"The amount cannot be used: {error}.")


def key_unusable(refusal: core.refusals.KeyUnusable) -> KeyUnusable:
    """As the graph says it."""
    return KeyUnusable(message=refusal.message, length_max=refusal.length_max)


def idempotency_conflict(refusal: core.refusals.IdempotencyConflict) -> IdempotencyConflict:
    """As the graph says it."""
    return IdempotencyConflict(message=refusal.message, field=to_camel_case(refusal.field))


def insufficient_points(refusal: core.refusals.InsufficientPoints, scale: int) -> InsufficientPoints:
    """As the graph says it."""
    return InsufficientPoints(
        message=refusal.message,
        needed=amount(refusal.needed, scale),
        available=amount(refusal.available, scale),
    )


def net_debit_cap_reached(refusal: core.refusals.NetDebitCapReached) -> NetDebitCapReached:
    """As the graph says it; how much the brand may still owe is nobody else's business."""
    return NetDebitCapReached(message=refusal.message)


def amount(minor: int, scale: int) -> Amount:
    """Minor units as clients read them."""
    return Amount(format_amount(minor, scale))


def minor_units(text: Amount, scale: int) -> int | InvalidAmount:
    """What a client wrote, in minor units."""
    try:
        return parse_amount(text, scale)
    except AmountError as error:
        return invalid_amount(error)
