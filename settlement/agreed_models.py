"""The settlement models that are agreed on, as they stand."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from brands import NETWORK_MODEL, Directory, directory
from core.database import Connection, Database
from settlement.terms import NETWORK_TERMS, Terms, terms_of


@dataclass(frozen=True, slots=True)
class AgreedModel:
    """One settlement model in its latest version."""

    code: str
    version: int
    """0: the network's own, which nobody has changed yet."""
    terms: Terms
    agreed_at: datetime | None
    members: tuple[str, ...]
    """The codes of those who settle in it with each other."""
    pairs: tuple[tuple[str, str], ...]
    """Those who settle in it only with each other."""
    caps: tuple[tuple[str, int], ...]
    """Net debit caps in micro-CNY, by participant code; the network's own stand in the network files."""


async def agreed_models(database: Database) -> list[AgreedModel]:
    """Every model, the network's own first."""
    async with database.connection() as connection:
        return await read_models(connection)


async def read_models(connection: Connection) -> list[AgreedModel]:
    """The same on a connection."""
    network = await directory(connection)
    rows = {row["code"]: row for row in await connection.fetch(_LATEST)}
    codes = [NETWORK_MODEL, *sorted(rows.keys() - {NETWORK_MODEL})]
    return [_model(code, rows.get(code), network) for code in codes]


async def model_coded(connection: Connection, code: str) -> AgreedModel | None:
    """One model; None: nobody has agreed on it."""
    return next((model for model in await read_models(connection) if model.code == code), None)


def _model(code: str, row: Record | None, network: Directory) -> AgreedModel:
    coded = {brand.id: brand.code for brand in network.participants()}
    members = sorted(coded[who] for who, model in network.models.own.items() if model == code)
    found = (sorted(coded[who] for who in pair) for pair, model in network.models.pairs.items() if model == code)
    pairs = tuple(sorted((pair[0], pair[1]) for pair in found))
    if row is None:
        return AgreedModel(code, 0, NETWORK_TERMS, None, tuple(members), pairs, ())
    caps = sorted((coded[who], cap) for who, cap in zip(row["participants"], row["caps"], strict=True) if who in coded)
    terms = terms_of(row["terms"])
    return AgreedModel(code, row["version"], terms, row["agreed_at"], tuple(members), pairs, tuple(caps))


_LATEST = """
SELECT DISTINCT ON (code) code, version, terms::text AS terms, agreed_at,
    array(SELECT participant_id FROM settlement_model_participant AS it WHERE it.model_id = model.id ORDER BY 1)
        AS participants,
    array(SELECT net_debit_cap FROM settlement_model_participant AS it WHERE it.model_id = model.id
        ORDER BY participant_id) AS caps
FROM settlement_model AS model ORDER BY code, version DESC
"""
