"""Puts network files into force: all of them or nothing, and nothing when everything is so already."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from brands.admitting import other_secrets, read_clients, write_clients, write_secrets
from brands.applied import Applied
from brands.books import open_books
from brands.brand import Brand
from brands.change import Change
from brands.config.leaves import MONEY_SCALE
from brands.config.network import BrandConfig
from brands.config.problems import Problems, TooManyProblems
from brands.config.sections import NetworkSection
from brands.describing import describe, differences
from brands.errors import ConfigRefused, Problem
from brands.permanence import check_permanence
from brands.pricing.desk import Desk, instant_of
from brands.pricing.files import submit_changed
from brands.reading import read_directory
from brands.references import check_references, check_twice, merged
from brands.resolving import InForce, resolve
from brands.secrets import SECRET_LENGTH_MIN
from brands.writing import write_directory, write_revision
from core.amounts import format_amount
from core.database import Connection, Database
from core.locks import lock_keys
from core.persons import Actor

_NO_SECRETS: Final[Mapping[str, str]] = {}


async def apply(
    database: Database,
    config: BrandConfig,
    *,
    secrets: Mapping[str, str] = _NO_SECRETS,
    actor: Actor | None = None,
) -> Applied | ConfigRefused:
    """Put one file into force; see `apply_all`."""
    return await apply_all(database, [config], secrets=secrets, actor=actor)


async def apply_all(
    database: Database,
    configs: Sequence[BrandConfig],
    *,
    secrets: Mapping[str, str] = _NO_SECRETS,
    actor: Actor | None = None,
) -> Applied | ConfigRefused:
    """Put files into force that may refer to each other.

    A first rate comes into force with its file; a changed one is submitted for `actor` and waits for a second person.
    `secrets` are those an installation gives its clients, by client id; the others are made, and returned once.
    """
    network = merged(configs)
    given = {client: secret for client, secret in secrets.items() if client in network.clients}
    try:
        async with database.transaction() as connection:
            await lock_keys(connection, "brands.apply", [""])
            now = InForce(await read_directory(connection), await read_clients(connection))
            _refuse((*_problems(configs, network, now), *_unusable(given)))
            instant = await instant_of(connection, database.clock)
            target = resolve(network, now, instant)
            applied = await _put(connection, configs, now, target, given, instant)
            submitted = await submit_changed(Desk(connection, target.directory, instant), configs, now.directory, actor)
            _refuse(submitted.problems)
            return replace(applied, proposals=submitted.proposals)
    except _Refused as refused:
        return refused.refusal


class _Refused(Exception):
    """Undoes the transaction."""

    def __init__(self, refusal: ConfigRefused) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def _refuse(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise _Refused(ConfigRefused(problems))


async def _put(
    connection: Connection,
    configs: Sequence[BrandConfig],
    now: InForce,
    target: InForce,
    given: Mapping[str, str],
    instant: datetime,
) -> Applied:
    renewed = await other_secrets(connection, given)
    changes = (*_differences(now, target), *(_renewal(client) for client in renewed))
    if not changes:
        return Applied(())
    await write_directory(connection, now.directory, target.directory)
    made = await write_clients(connection, now.clients, target.clients, given, instant)
    await write_secrets(connection, given, renewed)
    await write_revision(connection, ", ".join(config.source for config in configs), changes, instant)
    # Last, because it locks positions that exchanges are waiting for.
    owing = await open_books(connection, now.directory, target.directory)
    _refuse(tuple(_cap_too_low(configs, brand, owed) for brand, owed in owing))
    return Applied(changes, made)


def _cap_too_low(configs: Sequence[BrandConfig], brand: Brand, owed: int) -> Problem:
    config = next(config for config in configs if brand.code in config.network.brands)
    message = f"{brand.code} owes {format_amount(owed, MONEY_SCALE)} already; its cap cannot be less."
    return config.problem(("brands", brand.code, "net_debit_cap"), message)


def _problems(configs: Sequence[BrandConfig], network: NetworkSection, now: InForce) -> Iterator[Problem]:
    for place, config in enumerate(configs):
        problems = Problems()
        with suppress(TooManyProblems):
            check_twice(config, configs[:place], problems)
            check_permanence(config, now, problems)
            check_references(config, now.directory, network, problems)
        found = [config.problem(path, message) for path, message in problems.found.items()]
        yield from sorted(found, key=lambda problem: problem.line or 0)


def _unusable(secrets: Mapping[str, str]) -> Iterator[Problem]:
    for client, secret in secrets.items():
        if len(secret) < SECRET_LENGTH_MIN:
            yield Problem(f"clients.{client}", f"A secret has at least {SECRET_LENGTH_MIN} characters.")


def _renewal(client_id: str) -> Change:
    return Change(f"clients.{client_id}.secret", "another", "the one given")


def _differences(now: InForce, target: InForce) -> Iterator[Change]:
    return differences(
        describe(now.directory, now.clients.values()), describe(target.directory, target.clients.values())
    )
