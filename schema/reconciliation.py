"""Taking in what a brand states: a file that was sent beside the graph is proved, matched and compared."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

import brands
from core.amounts import format_amount
from core.table_errors import ImportRefused
from core.uploads import Upload, find_upload
from members.row import BrokenRow
from schema.breaks import CNY_DECIMALS, Break, own_programs, shown
from schema.context import Context, Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.refusals import Refusal
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import Viewer, ViewerKind
from settlement import Actor
from settlement.reconciliation import breaks, reconciling, rules

strawberry.enum(rules.Rule, name="MatchRule", description="Which of our lines is which of a brand's, and why.")


@strawberry.type
class QuarantinedRow:
    """A row that was set aside, and why."""

    line: int
    """Where it begins in the file, from 1, the headers included."""
    column: str
    """Its header; empty when it is the row as a whole."""
    reason: str
    value: str
    """What stands there, personal data masked."""

    @classmethod
    def of(cls, value: BrokenRow) -> "QuarantinedRow":
        """As the graph shows it."""
        return cls(line=value.line, column=value.column, reason=value.reason, value=value.value)


@strawberry.type
class MatchCount:
    """How many matches a rule found now."""

    rule: rules.Rule
    count: int


@strawberry.type
class BreakEventCount:
    """How many breaks this happened to now."""

    kind: breaks.EventKind
    count: int


@strawberry.type
class Reconciliation:
    """What became of a brand's file, and how its program stands since."""

    program: str
    file: str
    sha256: str
    first_day: date
    last_day: date
    dry_run: bool
    """Nothing of this was kept."""
    known: bool
    """The very file was taken in before: only the comparison was made again."""
    rows: int
    accepted: int
    replaced: int
    """Lines of earlier files that this correction replaces."""
    quarantined: list[QuarantinedRow]
    """Rows that were set aside; the first 1,000."""
    quarantined_count: int
    hint: str
    """How the rows that were set aside come in; empty: there are none."""
    matched: list[MatchCount]
    events: list[BreakEventCount]
    tolerated_count: int
    tolerated: Amount
    """What the brand says more in them, in CNY."""
    breaks: list[Break]
    """Those that are open now, the largest value at risk first; the first 1,000."""
    breaks_count: int

    @classmethod
    async def of(cls, context: Context, value: reconciling.Reconciled) -> "Reconciliation":
        """As the graph shows it."""
        return cls(
            program=value.program,
            file=value.file,
            sha256=value.digest,
            first_day=value.first_day,
            last_day=value.last_day,
            dry_run=value.dry_run,
            known=value.known,
            rows=value.rows,
            accepted=value.accepted,
            replaced=value.replaced,
            quarantined=[QuarantinedRow.of(it) for it in value.quarantined],
            quarantined_count=value.quarantined_count,
            hint=value.hint,
            matched=[MatchCount(rule=rule, count=count) for rule, count in value.matched.items()],
            events=[BreakEventCount(kind=kind, count=count) for kind, count in value.events.items()],
            tolerated_count=value.tolerated_count,
            tolerated=Amount(format_amount(value.tolerated_micro, CNY_DECIMALS)),
            breaks=await shown(context, value.breaks),
            breaks_count=value.breaks_count,
        )


@strawberry.type
class StatementFileRefused(Refusal):
    """The file as a whole was refused; nothing of it was kept."""

    reason: str
    """For programs: `TOTAL_DIFFERS`, `COUNT_DIFFERS`, `CONTROL_ROW_MISSING`, `OTHER_ISSUER`, `PERIOD_STATED`, …"""
    line: int | None
    """Where, if it is one place."""

    @classmethod
    def of(cls, value: ImportRefused) -> "StatementFileRefused":
        """As the graph says it."""
        line = getattr(value, "line", None)
        return cls(message=value.message, reason=_reason(value), line=line)


ReconcileFileResult = Annotated[Reconciliation | StatementFileRefused, strawberry.union("ReconcileFileResult")]


@strawberry.input
class ReconcileFileInput:
    """Which program's statement, and the file that was sent to `POST /files/uploads`."""

    program: str
    upload_id: strawberry.ID
    correction: bool = False
    """Its lines replace those that have the same brand reference."""
    dry_run: bool = False
    """Say what would come of it, and keep nothing."""


@strawberry.type
class ReconciliationMutation:
    """Taking in what brands state."""

    @needs(brands.Scope.BREAKS_WRITE, Scope.SETTLEMENT_PREPARE)
    async def reconcile_file(self, info: Info, input: ReconcileFileInput) -> ReconcileFileResult:
        """Compare a brand's statement file with the books: of a brand's own programs, any for staff. Posts nothing."""
        context = info.context
        upload = _upload(context, input.upload_id)
        program = await _program(context, input.program)
        brand = (await context.directory()).brands[program.brand_id]
        found = await reconciling.reconcile_file(
            context.database,
            brand.code,
            upload.path,
            _author(context.viewer),
            program_code=program.code,
            correcting=input.correction,
            dry_run=input.dry_run,
        )
        if isinstance(found, ImportRefused):
            return StatementFileRefused.of(found)
        return await Reconciliation.of(context, found)


def upload_owner(viewer: Viewer) -> str:
    """For whom a file is kept until it is used."""
    name = viewer.client_id if viewer.kind is ViewerKind.BRAND else viewer.subject
    return f"{viewer.kind}:{name}"


def _upload(context: Context, text: str) -> Upload:
    try:
        key = UUID(text)
    except ValueError as error:
        raise BadInput("That is not the id of an upload.", argument="uploadId") from error
    found = find_upload(context.services.statements_folder.with_name("uploads"), upload_owner(context.viewer), key)
    if found is None:
        raise NotFound("There is no such upload of yours; uploads are kept for a day.")
    return found


async def _program(context: Context, code: str) -> brands.Program:
    own = await own_programs(context)
    found = (await context.directory()).program(code)
    if found is None or (own is not None and found.id not in own):
        raise NotFound("There is no such program.")
    return found


def _author(viewer: Viewer) -> Actor:
    return Actor(viewer.client_id if viewer.kind is ViewerKind.BRAND else viewer.staff_name)


def _reason(refusal: ImportRefused) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(refusal).__name__).upper()
