"""Subscriptions: a member's wallet and exchanges as they change.

The present state comes first, then the newest one after each change: what changes faster than a client reads is
told once, as it stands then. After a gap (a lost connection to the database) and now and then anyway, the present
state is told again.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar, cast
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import RequiresScopes

import exchange
import members
from exchange.states import FINISHED, NEXT
from schema.context import Context, Info
from schema.exchange import Exchange, visible_exchange
from schema.member import Member
from schema.ports import Watch
from schema.scopes import Scope

LATEST_MAX = 50
"""Exchanges that are looked at to tell the present state of all of a member's."""

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def subscribes(*scopes: str) -> Callable[[Resolver], Resolver]:
    """A subscription that any one of `scopes` opens; printed and enforced as for other root fields."""

    def declare(resolver: Resolver) -> Resolver:
        needed: Any = [[scope] for scope in scopes]
        field = strawberry.subscription(resolver=resolver, directives=[RequiresScopes(scopes=needed)])
        return cast("Resolver", field)

    return declare


@strawberry.type
class Subscription:
    """What can be followed, over graphql-transport-ws or server-sent events."""

    @subscribes(Scope.WALLET_READ)
    async def wallet_changed(self, info: Info) -> AsyncGenerator[Member, None]:
        """The member's cards, points and rights: as they stand now, and again after each change."""
        context = info.context
        async with context.services.changes.watch() as watch:
            while True:
                watch.follow(await _cards(context))
                yield Member.me(info)
                await watch.changed()
                watch.taken()

    @subscribes(Scope.WALLET_READ)
    async def exchange_changed(self, info: Info, id: strawberry.ID | None = None) -> AsyncGenerator[Exchange, None]:
        """One of the member's exchanges, until nothing more can become of it; without an id, all of them.

        Those that are not finished come first, each as it stands now.
        """
        context = info.context
        async with context.services.changes.watch() as watch:
            values = _followed(context, watch) if id is None else _one(context, watch, id)
            async with aclosing(values):
                async for value in values:
                    yield Exchange.of(value, await context.services.reads.directory(None))


async def _one(context: Context, watch: Watch, text: strawberry.ID) -> AsyncGenerator[exchange.Exchange, None]:
    wanted = await visible_exchange(context, text)
    watch.follow([wanted.source.membership_id, wanted.target.membership_id])
    last: exchange.State | None = None
    while True:
        found = (await _by_id(context, [wanted.id]))[0]
        if found.state is not last:
            last = found.state
            yield found
        if not NEXT[found.state]:
            return
        await watch.changed()
        watch.taken()


async def _followed(context: Context, watch: Watch) -> AsyncGenerator[exchange.Exchange, None]:
    told: dict[UUID, exchange.State] = {}
    watch.follow(await _cards(context))
    for value in await _latest(context):
        told[value.id] = value.state
        if value.state not in FINISHED:
            yield value
    while True:
        await watch.changed()
        changed = watch.taken()
        cards = await _cards(context)
        watch.follow(cards)
        for value in await (_latest(context) if changed is None else _own(context, changed, cards)):
            if told.pop(value.id, None) is not value.state:
                yield value
            told[value.id] = value.state
        _shorten(told)


def _shorten(told: dict[UUID, exchange.State]) -> None:
    for stale in list(told)[: -2 * LATEST_MAX]:
        del told[stale]


async def _cards(context: Context) -> Sequence[UUID]:
    member_id = context.viewer.member_id
    async with context.database.connection() as connection:
        return [card.id for card in (await members.memberships(connection, [member_id]))[member_id]]


async def _latest(context: Context) -> Sequence[exchange.Exchange]:
    """The member's latest exchanges, the oldest of them first."""
    cards = await _cards(context)
    async with context.database.connection() as connection:
        found = await exchange.exchanges_of(connection, cards, count=LATEST_MAX)
    return list(reversed(found))


async def _own(context: Context, ids: Iterable[UUID], cards: Iterable[UUID]) -> Sequence[exchange.Exchange]:
    own = set(cards)
    return [value for value in await _by_id(context, ids) if value.source.membership_id in own]


async def _by_id(context: Context, ids: Iterable[UUID]) -> Sequence[exchange.Exchange]:
    async with context.database.connection() as connection:
        return sorted((await exchange.exchanges_by_id(connection, ids)).values(), key=lambda value: value.id)
