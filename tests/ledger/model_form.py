"""What the model refuses whatever the books say."""

from ledger import Kind, LotTerms, Status, Transfer
from tests.ledger.model_state import MAX, refuse_if


def check_form(t: Transfer) -> None:
    """Refuse what is wrong whatever the books say."""
    ends = t.kind in {Kind.POST, Kind.VOID, Kind.EXPIRE}
    begins = t.kind in {Kind.SINGLE, Kind.PENDING}
    refuse_if(t.id.version != 7, Status.ID_NOT_TIME_ORDERED)
    refuse_if(t.debit_account_id == t.credit_account_id, Status.ACCOUNTS_MUST_DIFFER)
    refuse_if(t.amount < 0 or (t.amount == 0 and begins), Status.AMOUNT_MUST_BE_POSITIVE)
    refuse_if(t.amount > MAX, Status.AMOUNT_TOO_LARGE)
    refuse_if(t.amount and t.kind in {Kind.EXPIRE, Kind.LOT_EXPIRY}, Status.AMOUNT_MUST_BE_ZERO)
    refuse_if(not 0 <= t.code < 2**31, Status.CODE_OUT_OF_RANGE)
    refuse_if(t.lot and not possible(t.lot), Status.LOT_TERMS_OUT_OF_RANGE)
    if t.timeout_seconds is not None:
        refuse_if(not 0 < t.timeout_seconds < 2**31, Status.TIMEOUT_OUT_OF_RANGE)
        refuse_if(t.kind is not Kind.PENDING, Status.TIMEOUT_RESERVED_FOR_PENDING)
    refuse_if(ends and not t.pending_id, Status.PENDING_ID_MUST_BE_GIVEN)
    refuse_if(t.pending_id and not ends, Status.PENDING_ID_MUST_NOT_BE_GIVEN)
    refuse_if(t.reverses_id and t.kind is not Kind.SINGLE, Status.REVERSES_ID_MUST_NOT_BE_GIVEN)
    refuse_if(t.lots_of and (t.reverses_id or t.kind is not Kind.SINGLE), Status.LOTS_OF_MUST_NOT_BE_GIVEN)
    refuse_if(t.balancing and (not begins or t.reverses_id or t.lots_of), Status.BALANCING_MUST_NOT_BE_GIVEN)
    refuse_if(t.kind is Kind.LOT_EXPIRY and not t.event_time, Status.EVENT_TIME_MUST_BE_GIVEN)


def possible(lot: LotTerms) -> bool:
    """Whether a lot can be on these terms."""
    lives = lot.expires_at is None or lot.available_at is None or lot.available_at < lot.expires_at
    return lives and 0 <= lot.unit_cost <= MAX
