"""Statements: a participant's own view of a settlement window."""

import strawberry

import brands
import settlement
from schema.context import Context, Info
from schema.errors import Forbidden, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.position import Payment, Position
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement.handing_out import HandedOut, statement_files

strawberry.enum(settlement.Format, name="StatementFormat", description="In which form a statement is written.")


@strawberry.type
class StatementFile:
    """A statement as it was given out, in one format."""

    format: settlement.Format
    path: str
    """Where it is fetched with the same token, below the gateway's address."""
    sha256: str
    size_bytes: Amount
    lines: int

    @classmethod
    def of(cls, value: HandedOut, number: int) -> "StatementFile":
        """As the graph shows it."""
        path = f"/files/statements/{number}/{value.path.name}"
        size = Amount(str(value.size_bytes))
        return cls(format=value.format, path=path, sha256=value.sha256, size_bytes=size, lines=value.lines)


@strawberry.type
class Statement:
    """What one participant owes and is owed for one window."""

    number: int
    """The window's."""
    status: settlement.Status
    """The window's."""
    position: Position
    payments: list[Payment]
    """Those that the participant makes or receives."""
    files: list[StatementFile]
    """What was given out; none before the window is advised."""


@strawberry.type
class StatementQuery:
    """Looking at statements."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def statement(self, info: Info, window_id: strawberry.ID, brand: str | None = None) -> Statement:
        """The statement of a participant: a brand's own once the window is approved, any for staff."""
        directory = await info.context.directory()
        participant = _participant(info.context, brand, directory)
        overview = await _overview(info.context, window_id)
        window, figures = overview.window, overview.figures
        async with info.context.database.connection() as connection:
            folder = info.context.services.statements_folder
            files = await statement_files(connection, window, participant.id, folder)
        position = next((found for found in figures.positions if found.participant_id == participant.id), None)
        if position is None:
            raise NotFound("The participant has no position in this window.")
        return Statement(
            number=window.number,
            status=window.status,
            position=Position.of(position, directory),
            payments=[
                Payment.of(payment, directory)
                for payment in figures.payments
                if participant.id in {payment.payer_id, payment.payee_id}
            ],
            files=[StatementFile.of(it, window.number) for it in files],
        )


def _participant(context: Context, code: str | None, directory: brands.Directory) -> brands.Brand:
    viewer = context.viewer
    if viewer.kind is ViewerKind.BRAND:
        own = directory.participant_of(viewer.brand_id)
        if code not in {None, own.code}:
            raise Forbidden("That is another participant's statement.")
        return own
    found = directory.brand(code or "")
    if found is None or not found.is_participant:
        raise NotFound("There is no participant with this code.")
    return found


async def _overview(context: Context, text: strawberry.ID) -> settlement.Overview:
    needed = settlement.Status.APPROVED if context.viewer.kind is ViewerKind.BRAND else settlement.Status.CLOSED
    found = await settlement.overview(context.database, key_of("Window", text))
    if isinstance(found, settlement.WindowNotFound) or not found.window.status.has_reached(needed):
        raise NotFound("There is no statement of this window yet.")
    return found
