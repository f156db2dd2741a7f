"""Adding a brand's card to the wallet by its number, and taking it out."""

from enum import StrEnum
from typing import Annotated, Final, assert_never

import strawberry

import brands
import members
from brands.adapter.kinds import AdapterKind
from exchange.brand_system import Failed, Failure, MemberReference
from exchange.references import member_references
from schema.brand_balance import whole_seconds
from schema.context import Context, Info
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.ids import key_of
from schema.membership import Membership
from schema.refusals import Refusal
from schema.scopes import Scope

_TEXT_LENGTH_MAX: Final = 80


@strawberry.enum
class CardTrouble(StrEnum):
    """Why a card was not added or taken out."""

    NO_SUCH_CARD = "no_such_card"
    """The brand knows no card of that number, or it is no number."""
    NAME_MISMATCH = "name_mismatch"
    """The name is not the one on the card."""
    NOT_SERVED = "not_served"
    """The brand does not let this card take part."""
    TAKEN = "taken"
    """It is in another wallet."""
    NO_ANSWER = "no_answer"
    """The brand does not answer now; try again."""
    NOT_BY_NUMBER = "not_by_number"
    """Cards of this program come by themselves: the brand tells whose they are."""


@strawberry.type
class CardRefused(Refusal):
    """The card was not added or taken out."""

    trouble: CardTrouble
    member_can_fix: bool
    """Whether another number or name may help."""
    retry_after_seconds: int | None = None


@strawberry.type
class CardUnlinked:
    """The card is out of the wallet."""

    number: str


LinkCardResult = Annotated[Membership | CardRefused | UnknownProgram, strawberry.union("LinkCardResult")]
UnlinkCardResult = Annotated[CardUnlinked | CardRefused, strawberry.union("UnlinkCardResult")]


@strawberry.input
class LinkCardInput:
    """Which card."""

    program: str
    """The program's code."""
    number: str
    name: str | None = None
    """As it stands on the card, for brands that compare it."""


@strawberry.type
class CardMutation:
    """Cards of programs that brands' own systems keep. Sent again, it changes nothing more."""

    @needs(Scope.CARDS_WRITE)
    async def link_card(self, info: Info, input: LinkCardInput) -> LinkCardResult:
        """Add a card that the brand confirms to be good."""
        context = info.context
        directory = await context.directory()
        program = directory.program(input.program)
        if program is None:
            return UnknownProgram(message="There is no such program.", program=input.program)
        confirmed = await _confirmed(context, program, input)
        if isinstance(confirmed, CardRefused):
            return confirmed
        services, owner = context.services, context.viewer.member_id
        found = await members.link_card(
            services.database, services.member_keys, owner, confirmed, outbox=services.outbox
        )
        if not isinstance(found, members.Membership):
            return _refused_here(found)
        card = next(card for card in await services.reads.cards(owner) if card.membership.id == found.id)
        return Membership.of(card, directory, context.database.clock.now())

    @needs(Scope.CARDS_WRITE)
    async def unlink_card(self, info: Info, id: strawberry.ID) -> UnlinkCardResult:
        """Take a card out that was added by its number."""
        context, wanted = info.context, key_of("Membership", id)
        card = next((one.membership for one in await context.own_cards() if one.membership.id == wanted), None)
        if card is None:
            return _refused(CardTrouble.NO_SUCH_CARD)
        program = (await context.directory()).programs[card.program_id]
        if program.adapter.kind is AdapterKind.PLATFORM:
            return _refused(CardTrouble.NOT_BY_NUMBER)
        async with context.database.connection() as connection:
            member = (await member_references(connection, context.services.member_keys, [(card, program)]))[card.id]
        answer = await context.services.brand_systems.of(program).unlink(member)
        if isinstance(answer, Failed) and answer.failure not in _UNTIED:
            return _refused_there(answer)
        await members.unlink_card(context.database, card)
        return CardUnlinked(number=card.number)


_UNTIED: Final = frozenset({Failure.NOT_LINKED, Failure.MEMBER_NOT_FOUND, Failure.UNSUPPORTED})
"""What says that nothing ties the card to us any more."""


async def _confirmed(context: Context, program: brands.Program, asked: LinkCardInput) -> members.Card | CardRefused:
    """The card, if its brand says that it is good."""
    if program.adapter.kind is AdapterKind.PLATFORM:
        return _refused(CardTrouble.NOT_BY_NUMBER)
    texts = (asked.number, asked.name or "")
    if not asked.number.strip() or any(len(text) > _TEXT_LENGTH_MAX or not text.isprintable() for text in texts):
        return _refused(CardTrouble.NO_SUCH_CARD)
    name = (asked.name or "").strip() or None
    member = MemberReference(asked.number.strip(), name)
    answer = await context.services.brand_systems.of(program).link(member)
    if isinstance(answer, Failed):
        return _refused_there(answer)
    return members.Card(program, answer.number, answer.tier, members.CardDetails(name, answer.link))


def _refused_there(failed: Failed) -> CardRefused:
    match failed.failure:
        case Failure.MEMBER_NOT_FOUND | Failure.INVALID:
            return _refused(CardTrouble.NO_SUCH_CARD)
        case Failure.NAME_MISMATCH:
            return _refused(CardTrouble.NAME_MISMATCH)
        case Failure.UNSUPPORTED:
            return _refused(CardTrouble.NOT_BY_NUMBER)
        case Failure.INELIGIBLE | Failure.LIMIT | Failure.FRAUD | Failure.NOT_LINKED | Failure.INSUFFICIENT:
            return _refused(CardTrouble.NOT_SERVED)
        case _:
            return _refused(CardTrouble.NO_ANSWER, failed.retry_after_seconds)


def _refused_here(refusal: members.CardRefusal) -> CardRefused:
    match refusal:
        case members.NumberUnusable():
            return _refused(CardTrouble.NO_SUCH_CARD)
        case members.CardTaken():
            return _refused(CardTrouble.TAKEN)
    assert_never(refusal)


def _refused(trouble: CardTrouble, retry_after_seconds: float | None = None) -> CardRefused:
    can_fix = trouble in {CardTrouble.NO_SUCH_CARD, CardTrouble.NAME_MISMATCH}
    return CardRefused(
        message=_SENTENCES[trouble],
        trouble=trouble,
        member_can_fix=can_fix,
        retry_after_seconds=whole_seconds(retry_after_seconds),
    )


_SENTENCES: Final = {
    CardTrouble.NO_SUCH_CARD: "There is no such card.",
    CardTrouble.NAME_MISMATCH: "The name is not the one on the card.",
    CardTrouble.NOT_SERVED: "The brand does not let this card take part.",
    CardTrouble.TAKEN: "The card is in another wallet already. If it is yours, the brand can help.",
    CardTrouble.NO_ANSWER: "The brand does not answer now. Try again later.",
    CardTrouble.NOT_BY_NUMBER: "Cards of this program are not added or taken out by their number.",
}
