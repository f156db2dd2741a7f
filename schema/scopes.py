"""What a token may do: scopes, and the roles of staff as sets of scopes.

A field names the scopes it needs once, in its federation directive (`@requiresScopes`); `schema.guards` enforces
that same directive. What a brand's client may ask for is declared in `brands.Scope`; the rest is here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """One permission of a member or of staff. It stands in tokens and in the printed schema; never rename one."""

    WALLET_READ = "wallet:read"
    """A member: see the own memberships, balances, rights and exchanges."""
    EXCHANGES_WRITE = "exchanges:write"
    """A member: ask for quotes and accept them."""
    RIGHTS_WRITE = "rights:write"
    """A member: claim rights and show redemption codes."""
    CARDS_WRITE = "cards:write"
    """A member: add brands' cards to the wallet, and take them out."""
    CASES_READ = "cases:read"
    """Staff: see everybody's exchanges, the manual queue and its evidence."""
    CASES_PREPARE = "cases:prepare"
    """Staff: take cases over, ask brands again, propose how cases end and which exchanges are taken back."""
    CASES_APPROVE = "cases:approve"
    """Staff: approve or reject what somebody else proposed about exchanges."""
    RATES_READ = "rates:read"
    """Staff: see every program's prices, their history, and what waits for approval."""
    RATES_PREPARE = "rates:prepare"
    """Staff: submit prices, pause pairs, and ask for pauses to end."""
    RATES_APPROVE = "rates:approve"
    """Staff: approve or reject prices that somebody else submitted."""
    SYSTEMS_READ = "systems:read"
    """Staff: see how every program's points are reached, what waits for approval, and certifications."""
    SYSTEMS_PREPARE = "systems:prepare"
    """Staff: submit configurations of brands' systems, set their secrets, have them certified."""
    SYSTEMS_APPROVE = "systems:approve"
    """Staff: approve or reject configurations that somebody else submitted."""
    SETTLEMENT_READ = "settlement:read"
    """Staff: see settlement windows, positions, payments, proposals and every brand's statements."""
    SETTLEMENT_PREPARE = "settlement:prepare"
    """Staff: close, reconcile, net, submit and abort settlement windows, take in bank statements, propose."""
    SETTLEMENT_APPROVE = "settlement:approve"
    """Staff: approve and advise windows that somebody else submitted, tell the bank, decide on proposals."""


MEMBER_SCOPES = frozenset({Scope.WALLET_READ, Scope.EXCHANGES_WRITE, Scope.RIGHTS_WRITE, Scope.CARDS_WRITE})
"""What every member's token carries."""


class Role(StrEnum):
    """What a member of staff does. One person may hold several; two persons are still two persons."""

    MAKER = "maker"
    """Prepares settlement windows and submits prices."""
    CHECKER = "checker"
    """Approves what a maker prepared."""
    AUDITOR = "auditor"
    """Reads everything about settlement, changes nothing."""
    OPERATOR = "operator"
    """Runs the network; reads settlement."""


ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.MAKER: frozenset(
            {Scope.SETTLEMENT_READ, Scope.SETTLEMENT_PREPARE}
            | {Scope.RATES_READ, Scope.RATES_PREPARE, Scope.CASES_READ, Scope.CASES_PREPARE}
            | {Scope.SYSTEMS_READ, Scope.SYSTEMS_PREPARE}
        ),
        Role.CHECKER: frozenset(
            {Scope.SETTLEMENT_READ, Scope.SETTLEMENT_APPROVE}
            | {Scope.RATES_READ, Scope.RATES_APPROVE, Scope.CASES_READ, Scope.CASES_APPROVE}
            | {Scope.SYSTEMS_READ, Scope.SYSTEMS_APPROVE}
        ),
        Role.AUDITOR: frozenset({Scope.SETTLEMENT_READ, Scope.RATES_READ, Scope.CASES_READ, Scope.SYSTEMS_READ}),
        Role.OPERATOR: frozenset(
            {Scope.SETTLEMENT_READ, Scope.RATES_READ, Scope.CASES_READ, Scope.CASES_PREPARE}
            | {Scope.SYSTEMS_READ, Scope.SYSTEMS_PREPARE}
        ),
    }
)
"""The scopes of each role."""
