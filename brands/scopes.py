"""What a brand's OAuth2 client may ask for. The roles of staff belong to the gateway."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission, for the client's own brand and everything below it.

    A store's client works with the programs of the brands above it as well: `Directory.programs_at`.
    """

    PROGRAMS_READ = "programs:read"
    """See the brand's own programs, tiers, rates and limits."""
    RATES_SUBMIT = "rates:submit"
    """Submit prices of the brand's own programs and pause them; the operator approves."""
    SYSTEMS_WRITE = "systems:write"
    """Submit configurations of the systems that keep the own programs' points, set secrets, have them certified."""
    MEMBERS_READ = "members:read"
    """See memberships of the programs the brand takes part in: number, tier, balance."""
    MEMBERS_WRITE = "members:write"
    """Enrol members into the brand's own programs and change their tier or status."""
    AWARDS_WRITE = "awards:write"
    """Award points of the programs the brand takes part in, and take back what it awarded."""
    EXCHANGES_READ = "exchanges:read"
    """See exchanges into and out of the brand's own programs."""
    EXCHANGES_REVERSE = "exchanges:reverse"
    """Take back completed exchanges into and out of the brand's own programs."""
    RIGHTS_READ = "rights:read"
    """See the rights the brand lists or honours, and their stock."""
    RIGHTS_REDEEM = "rights:redeem"
    """Redeem rights that the brand honours."""
    WEBHOOKS_READ = "webhooks:read"
    """See the brand's webhook endpoints and what was sent to them."""
    WEBHOOKS_WRITE = "webhooks:write"
    """Register, change and remove the brand's webhook endpoints, rotate their secrets and replay events."""
    STATEMENTS_READ = "statements:read"
    """See the settlement windows, positions and statements of the brand's participant."""
    BREAKS_WRITE = "breaks:write"
    """Comment on breaks between the brand's statements and the books, and add evidence."""
