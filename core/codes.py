"""Why value moved: the code every transfer carries. The ledger stores it; the domains give it meaning."""

from enum import IntEnum


class Code(IntEnum):
    """The reasons for a transfer. Numbers are for ever; add, never renumber."""

    OPENING = 1
    """An opening balance brought over from a brand's own system."""
    AWARD = 2
    """Points earned at a brand."""
    BURN = 3
    """Points spent at a brand."""
    EXPIRY = 4
    """Points whose last day has passed."""
    REVERSAL = 5
    """An earlier transfer taken back."""
    EXCHANGE_DEBIT = 10
    """Points given up in an exchange."""
    EXCHANGE_CREDIT = 11
    """Points received in an exchange."""
    POSITION_DEBIT = 12
    """What the source program's participant owes for an exchange."""
    POSITION_CREDIT = 13
    """What the target program's participant is owed for an exchange."""
    FEE = 14
    """The operator's fee on an exchange."""
    ROUNDING = 15
    """What rounding down to whole points left over, kept by the operator."""
    EXCHANGE_HOLD = 16
    """Points set aside for an exchange that needs a brand's own system."""
    EXCHANGE_RELEASE = 17
    """Points set aside and given back, because the source brand did not take them."""
    EXCHANGE_REFUND = 18
    """Points given back, because the target brand did not give any."""
    EXCHANGE_LATE = 19
    """Points that a brand moved after the exchange had come to nothing, and their way back."""
    RIGHT_PRICE = 20
    """Points paid for a right."""
    RIGHT_GRANT = 21
    """Units of a right given to a member."""
    RIGHT_REDEMPTION = 22
    """Units of a right used."""
    RIGHT_SETTLEMENT = 23
    """What the issuer of a right owes the brand that honoured it."""
    RIGHT_FUNDING = 24
    """What the program whose points paid for a right owes the right's issuer."""
    POSITION_REFUND = 26
    """What the source's participant owed, for an exchange that came to nothing or was reversed."""
    POSITION_REVERSAL = 27
    """What the target's participant was owed, for points that it took back."""
    FEE_REVERSAL = 28
    """The operator's share of an exchange that was reversed: fee and rounding."""
    POSITION_LATE = 29
    """What the target's participant is owed for points it gave after the refund, and who bears it."""
    NETTING = 30
    """A position turned into an amount due or owed."""
    PAYMENT = 31
    """Cash received or paid."""
    ADJUSTMENT = 32
    """A correction approved by two persons."""
    WRITE_OFF = 33
    """What the operator gives up, or takes back, because books differ; approved by two persons."""
    DISPUTE = 34
    """What is moved between a participant and the operator until a dispute is decided; approved by two persons."""
    TOLERANCE = 35
    """A difference so small that nobody asks for it."""
