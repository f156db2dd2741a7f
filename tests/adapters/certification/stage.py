"""Brands of every kind, played by the simulator behind a line that can be disturbed, and put on trial."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import brands
from adapters.brand_systems.registry import OpenBrandSystems, open_brand_systems, unmapped_calls
from adapters.certification.inbox import listening
from adapters.certification.line import open_line
from adapters.certification.suite import run
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome, Result
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.terms import Terms
from brands import Program, parse_network
from core.database import Database
from exchange.brand_system import MemberReference
from tests.brands.adapter_samples import SIMULATOR
from tests.brands.samples import EXAMPLES

MEMBER = MemberReference("1001", "Surname")
HOOK = (
    '[programs.RAIL.adapter.webhook]\nid = \'headers."webhook-id"\'\nsignature = {kind = "standard", secret = "hook"}\n'
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A brand on trial, and the simulator that plays it."""

    simulator: BrandSimulator
    program: Program
    systems: OpenBrandSystems
    trial: Trial

    async def run(self, *only: str) -> dict[str, Result]:
        """The results of the suite by code."""
        return {result.code: result for result in await run(self.trial, self.systems, only=only)}


def config(code: str, old: str = "", new: str = "") -> brands.BrandConfig:
    """The network file of a kind, bent: RAIL is spoken to as a simulator, HARBOUR by REST, LUMEN by GraphQL."""
    text = SIMULATOR + HOOK if code == "RAIL" else (EXAMPLES / f"{code.lower()}.toml").read_text()
    assert old in text
    found = parse_network(text.replace(old, new).encode())
    assert not isinstance(found, brands.ConfigRefused), found.message
    return found


@asynccontextmanager
async def on_trial(
    code: str,
    database: Database,
    home: Path,
    terms: Terms | None = None,
    *,
    listens: bool = False,
    bent: tuple[str, str] = ("", ""),
) -> AsyncIterator[Stage]:
    """The brand, ready to be put on trial."""
    assert isinstance(await brands.apply(database, config(code, *bent)), brands.Applied)
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program(code)
    assert program is not None
    async with AsyncExitStack() as stack:
        inbox, hook = await stack.enter_async_context(listening("127.0.0.1", 0, 2 if listens else 0.01))
        terms = replace(terms or Terms(), program=code, decimals=program.scale, webhook_url=hook if listens else None)
        simulator = BrandSimulator(replace(terms, tiers=("rider",) if code == "RAIL" else ("blue", "silver", "gold")))
        unit = 10**program.scale
        simulator.open_members(Member(MEMBER.number, 5000 * unit, last_name=MEMBER.name))
        url = await stack.enter_async_context(simulator.serving())
        line = await stack.enter_async_context(open_line(url + ("/graphql" if code == "LUMEN" else "")))
        secrets = {"API_KEY": terms.key, "HOOK": terms.webhook_secret, "WEBHOOK": terms.webhook_secret, "URL": line.url}
        given = {f"AGIO_BRAND_{code}_{name}": value for name, value in secrets.items()}
        systems = await stack.enter_async_context(open_brand_systems(database, home, given))
        trial = Trial(
            system=systems.of(program),
            member=MEMBER,
            clock=database.clock,
            scale=program.scale,
            tiers=frozenset(tier.code for tier in program.tiers),
            unmapped=unmapped_calls(program),
            line=line,
            posts=inbox.first if listens else None,
            patience_seconds=5,
            pause=_deciding(simulator),
        )
        yield Stage(simulator, program, systems, trial)


def ended(results: dict[str, Result], outcome: Outcome) -> dict[str, str]:
    """What was found by the checks that ended so."""
    return {code: result.found for code, result in results.items() if result.outcome is outcome}


def _deciding(simulator: BrandSimulator) -> Callable[[float], Awaitable[None]]:
    """While we wait, the brand's day goes by."""

    async def pause(seconds: float) -> None:
        simulator.clock.advance(timedelta(seconds=seconds))
        simulator.desk.settle()

    return pause
