"""Settlement models that two persons agree on."""

from core.database import Database
from settlement import AgreedModel, propose_model, read_model
from settlement.cash import Proposal
from tests.settlement.trade import MAKER, approved


def written(text: str) -> AgreedModel:
    """The model as it stands in a file."""
    found = read_model(text.encode())
    assert isinstance(found, AgreedModel), found
    return found


async def agree_on(database: Database, text: str) -> Proposal:
    """One person proposes it, another approves."""
    proposed = await propose_model(database, written(text), MAKER, reason="from the contract")
    return await approved(database, proposed)


PAIR = """
model = "air"
netting = "bilateral"
pairs = [["hotel", "airline"]]
[caps]
hotel = "5000.00"
airline = "5000.00"
"""

CLUB = """
model = "club"
netting = "gross"
members = ["airline", "coffee"]
[caps]
airline = "9000.00"
coffee = "9000.00"
"""
