"""`agio bench exchange`: accepted quotes beside the mutation that does nothing, on all pairs of programs and on one.

Each acceptance is durable: it is answered when the linked group of the ledger, the exchange, its history and what it
used of the day's limit are committed. Quotes live for two minutes, so each slice gets its own, made beforehand.
"""

from collections.abc import Sequence
from typing import Final

import exchange
from benchmarks.http.calls import ask
from benchmarks.http.load import Call
from benchmarks.http.measuring import Measured, Plan, Queues, Subject, measure, reported
from benchmarks.http.network import EXCHANGED, PROGRAMS, pairs
from benchmarks.http.people import Person, Unprepared
from benchmarks.http.stage import Stage, staged
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from core.ids import new_id
from examples.journey.documents import ACCEPT
from schema.ids import global_id

CONNECTIONS: Final = 64
MEMBERS: Final = 192
HOT: Final = PROGRAMS[0], PROGRAMS[-1]

_RATE_GUESSED: Final = 2_000
"""Exchanges per second: so many quotes are made; a slice for which they do not suffice ends earlier."""

_RATIOS: Final = {"exchange.vs_noop": ("exchange", "noop"), "exchange.hot_vs_spread": ("hot", "exchange")}
_GOALS: Final = {"exchange.vs_noop": Goal(least=0.5), "exchange.hot_vs_spread": Goal(least=0.8)}


async def run(options: Options) -> Report:
    """Start a server, measure it, stop it."""
    plan = Plan.of(options)
    async with staged(options, members=MEMBERS) as stage:
        subjects = [
            stage.noop(CONNECTIONS),
            Subject("exchange", _Orders(stage, pairs())),
            Subject("hot", _Orders(stage, [HOT])),
        ]
        measured = await measure(stage.server, subjects, plan, options)
        missing = await _missing(stage, measured)
    return reported("exchange", stage.machine, measured, _RATIOS, _GOALS, missing)


async def _missing(stage: Stage, measured: Measured) -> Sequence[str]:
    """Complains when more exchanges were answered than are in the books."""
    answered = sum(len(found.latencies) for name in ("exchange", "hot") for found in measured[name].slices)
    async with stage.server.database.connection() as connection:
        recorded = await connection.fetchval("SELECT count(*) FROM exchange_exchange")
    return [] if recorded >= answered else [f"{answered} exchanges were answered, {recorded} were recorded"]


class _Orders:
    """Makes quotes and the requests that accept them."""

    def __init__(self, stage: Stage, ways: Sequence[tuple[str, str]]) -> None:
        self._stage = stage
        self._ways = ways

    async def __call__(self, seconds: float) -> Queues:
        wanted = int(seconds * _RATE_GUESSED)
        people = self._stage.people
        askers = [people[place % len(people)] for place in range(wanted)]
        requests = [
            exchange.QuoteRequest(person.id, *self._ways[(place // len(people) + place) % len(self._ways)], EXCHANGED)
            for place, person in enumerate(askers)
        ]
        quotes = await exchange.quote_many(self._stage.server.database, requests)
        calls = [self._call(person, quote) for person, quote in zip(askers, quotes, strict=True)]
        return [iter(calls[place::CONNECTIONS]) for place in range(CONNECTIONS)]

    def _call(self, person: Person, quote: exchange.Quote | exchange.QuoteRefusal) -> Call:
        if not isinstance(quote, exchange.Quote):
            raise Unprepared(quote.message)
        wish = {"quoteId": global_id("Quote", quote.id), "idempotencyKey": str(new_id())}
        return ask(ACCEPT, {"input": wish}, person.token, '{"data":{"acceptQuote":{"__typename":"Exchange"')
