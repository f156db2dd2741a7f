"""The members who are measured: brought over from files, awarded points and a right, and signed in, all as in life."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import aiohttp

import brands
from adapters.simulator.sign_in import SignInSimulator
from benchmarks.http.network import PROGRAMS, RIGHT, brand_of
from benchmarks.http.server import ScratchServer
from core.database import Database
from core.errors import AgioError
from core.secrets import root_secret
from examples.journey.documents import SIGN_IN
from exchange import Award, Movement, move_many
from members import ImportReport, MemberKeys, import_file, memberships_by_number
from rights import Claim, Grant, claim_many

OPENING: Final = 1_000_000
AWARDS: Final = (150_000, 250_000, 350_000)
"""Besides the opening balance: each makes a lot of its own."""

SIGN_INS_AT_A_TIME: Final = 32


@dataclass(frozen=True, slots=True)
class Person:
    """A member with a card of each program."""

    id: UUID
    numbers: Sequence[str]
    """Of the cards, in the order of programs."""
    token: str
    """Good for ten minutes."""


class Unprepared(AgioError):
    """The members to be measured could not be made ready."""


async def bring_over(database: Database, home: Path, known: brands.Directory, count: int) -> None:
    """As many members with a card of each program, several lots on each, and a right."""
    keys = MemberKeys.from_root(root_secret(home))
    for program in PROGRAMS:
        path = home / f"{brand_of(program)}.csv"
        path.write_text(_file(program, count))
        report = await import_file(database, keys, brand_of(program), path)
        if not isinstance(report, ImportReport) or report.imported != count:
            raise Unprepared(str(report))
    await _award(database, known, count)
    claims = [Claim(member_id, RIGHT, "benchmark") for member_id in await _ids(database, known, count)]
    _check(await claim_many(database, claims), Grant)


async def sign_in(server: ScratchServer, known: brands.Directory, count: int) -> Sequence[Person]:
    """Everybody taps on the phone."""
    turn = asyncio.Semaphore(SIGN_INS_AT_A_TIME)
    async with aiohttp.ClientSession(server.url) as http:
        waiting = (_token(http, turn, server.simulator, _phone(place)) for place in range(count))
        tokens = await asyncio.gather(*waiting)
    ids = await _ids(server.database, known, count)  # signing in adds what WeChat knows, which may change the id
    numbers = [[_number(program, place) for program in PROGRAMS] for place in range(count)]
    return list(map(Person, ids, numbers, tokens))


def _file(program: str, count: int) -> str:
    header = "number,tier,balance,enrolled on,name,phone\n"
    return header + "".join(
        f"{_number(program, place)},gold,{OPENING},2024-03-01,Member {place},{_phone(place)}\n"
        for place in range(count)
    )


def _phone(place: int) -> str:
    return f"1391{place:07d}"


def _number(program: str, place: int) -> str:
    return f"{program[0]}{place:08d}"


async def _award(database: Database, known: brands.Directory, count: int) -> None:
    acting = {program: known.brand(brand_of(program)) for program in PROGRAMS}
    orders = [
        Award(program, _number(program, place), amount, brand.id, "benchmark", f"{program}-{place}-{amount}")
        for program, brand in acting.items()
        if brand is not None
        for place in range(count)
        for amount in AWARDS
    ]
    _check(await move_many(database, orders), Movement)


async def _ids(database: Database, known: brands.Directory, count: int) -> Sequence[UUID]:
    program = known.program(PROGRAMS[0])
    assert program is not None
    cards = [(program.id, _number(program.code, place)) for place in range(count)]
    async with database.connection() as connection:
        found = await memberships_by_number(connection, cards)
    return [found[card].member_id for card in cards]


async def _token(http: aiohttp.ClientSession, turn: asyncio.Semaphore, simulator: SignInSimulator, phone: str) -> str:
    async with turn:
        codes = simulator.tap(phone)
        body = {"query": SIGN_IN, "variables": {"code": codes.code, "phoneCode": codes.phone_code}}
        async with http.post("/graphql", json=body) as response:
            answer = await response.json(content_type=None)
    session = (answer.get("data") or {}).get("signIn") or {}
    if "accessToken" not in session:
        message = f"a member could not sign in: {answer}"
        raise Unprepared(message)
    return str(session["accessToken"])


def _check(results: Iterable[object], wanted: type) -> None:
    refused = next((result for result in results if not isinstance(result, wanted)), None)
    if refused is not None:
        raise Unprepared(str(refused))
