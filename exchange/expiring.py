"""Points whose last day has passed go back to where they came from."""

from brands import directory
from brands.accounts import issued_account
from core.codes import Code
from core.database import Database
from ledger import expire_lots


async def expire_points(database: Database) -> int:
    """Post the expiry of all programs' points that are past their last day; how many postings this run made.

    They could not be spent before either: this makes the books say so. Any number of runs expire each point once.
    """
    async with database.connection() as connection:
        programs = (await directory(connection)).programs.values()
    posted = 0
    for program in programs:
        issued = issued_account(program).id
        expired = await expire_lots(database, program.asset, issued, code=Code.EXPIRY, purpose="member")
        posted += expired.transfers
    return posted
