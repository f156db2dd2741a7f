"""Who settles: the participants among the brands, and the operator."""

from uuid import UUID

from brands import OPERATOR_CODE, OPERATOR_ID, directory
from core.database import Connection


async def names(connection: Connection) -> dict[UUID, str]:
    """What each participant is called, by id."""
    network = await directory(connection)
    return {OPERATOR_ID: OPERATOR_CODE} | {brand.id: brand.name for brand in network.participants()}


async def codes(connection: Connection) -> dict[UUID, str]:
    """The code of each participant, by id. Codes are for ever."""
    network = await directory(connection)
    return {OPERATOR_ID: OPERATOR_CODE} | {brand.id: brand.code for brand in network.participants()}
