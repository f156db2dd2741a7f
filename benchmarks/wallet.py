"""`agio bench wallet`: everything that a member holds, in one query, beside a plain JSON answer of the same server."""

from itertools import cycle
from typing import Final

from benchmarks.http.calls import ask
from benchmarks.http.measuring import Plan, Queues, Subject, measure, reported
from benchmarks.http.people import Person
from benchmarks.http.stage import Stage, staged
from benchmarks.registry import Options
from benchmarks.report import Report
from examples.journey.documents import WALLET

CONNECTIONS: Final = 32
MEMBERS: Final = 96

_RATIOS: Final = {"wallet.vs_plain": ("wallet", "plain"), "wallet.vs_noop": ("wallet", "noop")}


async def run(options: Options) -> Report:
    """Start a server, measure it, stop it."""
    plan = Plan.of(options)
    async with staged(options, members=MEMBERS) as stage:
        subjects = [stage.plain(CONNECTIONS), stage.noop(CONNECTIONS), _wallets(stage)]
        measured = await measure(stage.server, subjects, plan, options)
    return reported("wallet", stage.machine, measured, _RATIOS)


def _wallets(stage: Stage) -> Subject:
    calls = [ask(WALLET, {}, person.token, *_signs(person)) for person in stage.people]

    async def queues(_: float) -> Queues:
        return [cycle(calls[place::CONNECTIONS]) for place in range(CONNECTIONS)]

    return Subject("wallet", queues)


def _signs(person: Person) -> tuple[str, ...]:
    """What only this member's whole wallet contains."""
    return (
        '{"data":{"me":{"display":{"phone":',
        *(f'"number":"{number}"' for number in person.numbers),
        '"rights":[{"id"',
    )
