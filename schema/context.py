"""What resolvers have at hand: the services of the process, and what one request knows and has read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import strawberry

import brands
from brands.secret_store import SecretStore
from core.coalesce import Coalescer
from core.database import Database
from exchange import (
    Acceptance,
    Answered,
    Award,
    Burn,
    MemberCodes,
    Movement,
    MovementRefusal,
    MovementReversal,
)
from exchange.brand_system import BrandSystems
from members import Display, MemberKeys, SignInProvider
from rights import Claim, ClaimRefusal, Grant, Redeemed, Redemption, RedemptionRefusal
from schema.brand_balance import BrandBalances
from schema.errors import Forbidden
from schema.once import Once
from schema.ports import Changes, Sessions
from schema.reads import Card, Reads
from schema.viewer import Viewer
from webhooks import EndpointSecrets, WebhookOutbox


@dataclass(frozen=True, slots=True)
class Services:
    """What one process offers to all requests."""

    database: Database
    reads: Reads
    member_keys: MemberKeys
    rights_key: bytes
    """The root of the codes that members show at tills."""
    sessions: Sessions
    sign_in: Mapping[str, SignInProvider]
    """By the provider's name."""
    brand_systems: BrandSystems
    """Of programs whose points live in brands' own systems."""
    brand_secrets: SecretStore
    """Where secrets of brands' systems are kept."""
    brand_balances: BrandBalances
    statements_folder: Path
    """Where settlement statements are written."""
    outbox: WebhookOutbox
    """Told of what happens, in the transaction in which it happens."""
    webhook_secrets: EndpointSecrets
    webhooks_to_loopback: bool
    """Whether webhooks may be sent to this machine."""
    changes: Changes
    """What subscriptions wait for."""
    member_codes: MemberCodes
    """Of what members show at tills in place of a number."""
    acceptances: Coalescer[Acceptance, Answered]
    movements: Coalescer[Award | Burn | MovementReversal, Movement | MovementRefusal]
    claims: Coalescer[Claim, Grant | ClaimRefusal]
    redemptions: Coalescer[Redemption, Redeemed | RedemptionRefusal]


class Context:
    """One request."""

    def __init__(self, services: Services, viewer: Viewer, request_id: str) -> None:
        self.services = services
        self.viewer = viewer
        self.request_id = request_id
        self.directory = Once(self._read_directory)
        self.own_cards = Once(self._read_cards)
        self.own_grants = Once(self._read_grants)
        self.own_display = Once(self._read_display)

    @property
    def database(self) -> Database:
        """The database."""
        return self.services.database

    async def acting_brand(self, code: str | None) -> brands.Brand:
        """The brand called `code` if the token's brand is it or stands above it; without a code the token's brand.

        Raises Forbidden.
        """
        directory = await self.directory()
        own = self.viewer.brand_id
        found = directory.brand(code) if code else directory.brands.get(own)
        if found is None or found.id not in directory.descendants(own):
            raise Forbidden("That is not a brand of yours.")
        return found

    async def _read_directory(self) -> brands.Directory:
        return await self.services.reads.directory(None)

    async def _read_cards(self) -> Sequence[Card]:
        return await self.services.reads.cards(self.viewer.member_id)

    async def _read_grants(self) -> Sequence[Grant]:
        return await self.services.reads.grants(self.viewer.member_id)

    async def _read_display(self) -> Display | None:
        return await self.services.reads.display(self.viewer.member_id)


Info: TypeAlias = strawberry.Info[Context, None]
"""What resolvers are given; they use its context only (`schema.lean`)."""
