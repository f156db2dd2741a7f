"""Opening and closing what one process serves with."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from adapters.brand_systems.registry import open_brand_systems
from adapters.wechat import WeChatSignIn
from brands.secret_store import SecretStore
from core.coalesce import Coalescer
from core.database import Database
from core.secrets import derive_key, root_secret
from exchange import MemberCodes, answer_many, move_many
from exchange.brand_system import BrandSystems
from exchange.saga.guard import Guards
from gateway.changes import NotifiedChanges
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from gateway.oauth.sessions import MemberSessions
from gateway.settings import GatewaySettings
from members import MemberKeys, SignInProvider
from rights import claim_many, redeem_many
from schema.brand_balance import BrandBalances
from schema.context import Services
from schema.reads import Reads
from webhooks import EndpointSecrets, WebhookOutbox


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while a process serves."""

    settings: GatewaySettings
    keys: SigningKeys
    access: AccessTokens
    sessions: MemberSessions
    services: Services
    outbox: WebhookOutbox
    changes: NotifiedChanges

    @property
    def database(self) -> Database:
        """The database."""
        return self.services.database


def open_house(
    settings: GatewaySettings,
    database: Database,
    sign_in: Mapping[str, SignInProvider],
    brand_systems: BrandSystems,
) -> House:
    """Wire the domains to their ports."""
    keys = SigningKeys(settings.core.home / "keys")
    access = AccessTokens(keys, database.clock, settings.public_url)
    root = root_secret(settings.core.home)
    sessions = MemberSessions(database, access, derive_key(root, "gateway.sessions"))
    rights_key = derive_key(root, "rights.codes")
    member_keys = MemberKeys.from_root(root)
    outbox = WebhookOutbox(database.clock)
    changes = NotifiedChanges(database)
    member_codes = MemberCodes(derive_key(root, "members.codes"))
    services = Services(
        database,
        Reads(database, member_keys),
        member_keys,
        rights_key,
        sessions,
        sign_in,
        brand_systems,
        SecretStore.from_root(root),
        BrandBalances(brand_systems, database, member_keys),
        settings.core.home / "statements",
        outbox,
        EndpointSecrets(root),
        settings.webhooks_to_loopback,
        changes,
        member_codes,
        acceptances=Coalescer(partial(answer_many, database, outbox=outbox)),
        movements=Coalescer(partial(move_many, database, outbox=outbox, codes=member_codes)),
        claims=Coalescer(partial(claim_many, database, outbox=outbox)),
        redemptions=Coalescer(partial(redeem_many, database, rights_key, outbox=outbox)),
    )
    return House(settings, keys, access, sessions, services, outbox, changes)


async def close_house(house: House) -> None:
    """Let what is in flight land."""
    services = house.services
    for queue in (services.acceptances, services.movements, services.claims, services.redemptions):
        await queue.close()
    await services.reads.close()


@asynccontextmanager
async def opened_house(settings: GatewaySettings, database: Database) -> AsyncIterator[House]:
    """A house that is closed at the end of the block."""
    async with AsyncExitStack() as stack:
        sign_in = await _sign_in(settings, database, stack)
        brand_systems = Guards(await stack.enter_async_context(open_brand_systems(database, settings.core.home)))
        house = open_house(settings, database, sign_in, brand_systems)
        stack.push_async_callback(close_house, house)
        listener = asyncio.create_task(house.changes.listen())
        stack.push_async_callback(_end, listener)
        yield house


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _sign_in(
    settings: GatewaySettings, database: Database, stack: AsyncExitStack
) -> Mapping[str, SignInProvider]:
    if settings.wechat is None:
        return {}
    wechat = WeChatSignIn(settings.wechat, database.clock)
    stack.push_async_callback(wechat.close)
    return {"wechat": wechat}
