"""A participant's deposit line by line, as it is shown."""

from uuid import UUID

from core.database import Database
from settlement.cash.deposit_moves import DepositMove, moves_of_deposit
from settlement.cash.deposits import owner_of
from settlement.cash.errors import NotInModel, UnknownParticipant


async def deposit_lines(
    database: Database, participant: str, model: str
) -> list[DepositMove] | UnknownParticipant | NotInModel:
    """Everything that moved a participant's deposit in a model, the oldest first."""
    async with database.connection() as connection:
        who = await owner_of(connection, participant, model)
        return await moves_of_deposit(connection, who, model) if isinstance(who, UUID) else who
