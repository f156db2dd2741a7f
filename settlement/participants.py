"""Who settles: the participants among the brands, and the operator."""

from uuid import UUID

from brands import NETWORK_MODEL, OPERATOR_CODE, OPERATOR_ID, directory
from core.database import Connection


async def names(connection: Connection) -> dict[UUID, str]:
    """What each participant is called, by id."""
    network = await directory(connection)
    return {OPERATOR_ID: OPERATOR_CODE} | {brand.id: brand.name for brand in network.participants()}


async def codes(connection: Connection) -> dict[UUID, str]:
    """The code of each participant, by id. Codes are for ever."""
    network = await directory(connection)
    return {OPERATOR_ID: OPERATOR_CODE} | {brand.id: brand.code for brand in network.participants()}


async def participants_of_model(connection: Connection, model: str) -> list[UUID]:
    """Who ever settled in a model that is not the network's own."""
    return [row["participant_id"] for row in await connection.fetch(_OF_MODEL, model)]


async def model_codes(connection: Connection) -> list[str]:
    """The network's own model, and every other that two persons ever agreed on."""
    return [NETWORK_MODEL, *(row["code"] for row in await connection.fetch(_CODES, NETWORK_MODEL))]


async def models_with(connection: Connection, participant_id: UUID) -> list[str]:
    """The models, other than the network's own, in which a participant ever settled."""
    return [row["code"] for row in await connection.fetch(_WITH, participant_id)]


_CODES = "SELECT DISTINCT code FROM settlement_model WHERE code <> $1 ORDER BY code"

_OF_MODEL = """
SELECT DISTINCT participant_id FROM settlement_model_participant JOIN settlement_model AS model ON model.id = model_id
WHERE code = $1 ORDER BY participant_id
"""

_WITH = """
SELECT DISTINCT code FROM settlement_model_participant JOIN settlement_model AS model ON model.id = model_id
WHERE participant_id = $1 ORDER BY code
"""
