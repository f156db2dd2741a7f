"""What each domain's occurrences look like to each brand that may see them. Pure.

A brand sees its own side: its own program, its own member number, its own money. Of the other side it sees the
program's code, never who the member is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from brands import Directory, Program
from core.amounts import format_amount
from core.global_ids import global_id
from core.ids import new_id
from exchange import CapNotice, Exchange, Lockout, Movement, MovementKind, Side, State
from members import Membership, TierChange
from rights import Grant, Honoured
from settlement import Window, cash
from webhooks.events import Event, EventType

CNY_DECIMALS: Final = 6
FEN_DECIMALS: Final = 2

_OF_STATE: Final[Mapping[State, EventType]] = MappingProxyType(
    {
        State.HELD: EventType.EXCHANGE_ACCEPTED,
        State.COMPLETED: EventType.EXCHANGE_COMPLETED,
        State.SOURCE_REJECTED: EventType.EXCHANGE_REJECTED,
        State.REFUNDED: EventType.EXCHANGE_REFUNDED,
        State.MANUAL: EventType.EXCHANGE_MANUAL,
        State.PARTLY_REVERSED: EventType.EXCHANGE_PARTLY_REVERSED,
        State.REVERSED: EventType.EXCHANGE_REVERSED,
        State.REVERSAL_REFUSED: EventType.EXCHANGE_REVERSAL_REFUSED,
    }
)
"""The states that brands are told of."""

_OF_MOVEMENT: Final[Mapping[MovementKind, EventType]] = MappingProxyType(
    {
        MovementKind.AWARD: EventType.AWARD_RECORDED,
        MovementKind.BURN: EventType.BURN_RECORDED,
        MovementKind.AWARD_REVERSAL: EventType.AWARD_REVERSED,
        MovementKind.BURN_REVERSAL: EventType.BURN_REVERSED,
    }
)


_OF_DEPOSIT: Final[Mapping[cash.Movement, EventType]] = MappingProxyType(
    {
        cash.Movement.TOPPED_UP: EventType.DEPOSIT_TOPPED_UP,
        cash.Movement.TAKEN: EventType.DEPOSIT_DRAWN,
        cash.Movement.DRAWN: EventType.DEPOSIT_DRAWN,
        cash.Movement.PAID_BACK: EventType.DEPOSIT_PAID_BACK,
    }
)


@dataclass(frozen=True, slots=True)
class Payloads:
    """Makes events of one moment."""

    directory: Directory
    now: datetime
    cards: Mapping[UUID, Membership]
    """The memberships that the occurrences name."""

    def exchange(self, exchange: Exchange) -> Iterator[Event]:
        """For the source's brand and for the target's; nothing for a state that is only passed through."""
        event_type = _OF_STATE.get(exchange.state)
        if event_type is None:
            return
        conversion = exchange.conversion
        given = (exchange.source, conversion.source, conversion.value_micro)
        received = (exchange.target, conversion.target, conversion.credit_micro)
        yield self._side(exchange, event_type, "SOURCE", given, exchange.target)
        yield self._side(exchange, event_type, "TARGET", received, exchange.source)

    def _side(
        self, exchange: Exchange, event_type: EventType, side: str, own: tuple[Side, int, int], other: Side
    ) -> Event:
        place, amount, value_micro = own
        program = self.directory.programs[place.program_id]
        told = {
            "id": global_id("Exchange", exchange.id),
            "state": exchange.state,
            "side": side,
            "program": program.code,
            "memberNumber": self._number(place.membership_id, program.brand_id),
            "amount": format_amount(amount, program.scale),
            "value": format_amount(value_micro, CNY_DECIMALS),
            "counterpart": {"program": self.directory.programs[other.program_id].code},
            "acceptedAt": exchange.accepted_at,
        }
        if side == "TARGET":
            told["expiresAt"] = exchange.target_expires_at
        return self._event(event_type, program.brand_id, told)

    def movement(self, movement: Movement) -> Iterator[Event]:
        """For the brand that acted; the program's own brand is it or stands above it."""
        program = self.directory.programs[movement.program_id]
        told = {
            "id": global_id("Movement", movement.id),
            "kind": movement.kind,
            "program": program.code,
            "memberNumber": self._number(movement.membership_id, program.brand_id),
            "amount": format_amount(movement.amount, program.scale),
            "brand": self.directory.brands[movement.brand_id].code,
            "clientId": movement.client_id,
            "idempotencyKey": movement.idempotency_key,
            "reason": movement.reason,
            "availableAt": movement.available_at,
            "expiresAt": movement.expires_at,
            "reverses": global_id("Movement", movement.reverses_id) if movement.reverses_id else None,
            "recordedAt": movement.recorded_at,
        }
        yield self._event(_OF_MOVEMENT[movement.kind], movement.brand_id, told, movement.recorded_at)

    def grant(self, grant: Grant) -> Iterator[Event]:
        """For the right's issuer."""
        issuer_id = grant.right.issuer_id
        told = {
            "id": global_id("Grant", grant.id),
            "right": grant.right.code,
            "memberNumber": self._number(grant.membership_id, issuer_id),
            "uses": grant.uses,
            **self._price(grant),
            "grantedAt": grant.granted_at,
            "validFrom": grant.valid_from,
            "validUntil": grant.valid_until,
        }
        yield self._event(EventType.RIGHT_GRANTED, issuer_id, told, grant.granted_at)

    def _price(self, grant: Grant) -> dict[str, Any]:
        if grant.price_program_id is None:
            return {"price": None}
        program = self.directory.programs[grant.price_program_id]
        return {"price": {"program": program.code, "amount": format_amount(grant.price, program.scale)}}

    def redemption(self, honoured: Honoured) -> Iterator[Event]:
        """For the brand that honoured it and, where that stands elsewhere, for the issuer."""
        redeemed, grant = honoured.redeemed, honoured.grant
        issuer_id = grant.right.issuer_id
        told = {
            "id": global_id("Redemption", redeemed.id),
            "grantId": global_id("Grant", grant.id),
            "right": grant.right.code,
            "brand": self.directory.brands[redeemed.brand_id].code,
            "settlement": format_amount(redeemed.settlement_micro, CNY_DECIMALS),
            "redeemedAt": redeemed.redeemed_at,
        }
        within = redeemed.brand_id in self.directory.descendants(issuer_id)
        for brand_id in [redeemed.brand_id] if within else [redeemed.brand_id, issuer_id]:
            number = self._number(grant.membership_id, brand_id)
            seen = told | {"memberNumber": number}
            yield self._event(EventType.RIGHT_REDEEMED, brand_id, seen, redeemed.redeemed_at)

    def tier(self, change: TierChange) -> Iterator[Event]:
        """For the program's brand."""
        program = self.directory.programs[change.program_id]
        told = {
            "program": program.code,
            "memberNumber": change.number,
            "before": change.before,
            "after": change.after,
            "changedAt": change.changed_at,
        }
        yield self._event(EventType.TIER_CHANGED, program.brand_id, told, change.changed_at)

    def cap(self, notice: CapNotice) -> Iterator[Event]:
        """For the participant."""
        told = {
            "participant": self.directory.brands[notice.participant_id].code,
            "thresholdPercent": notice.threshold_percent,
            "used": format_amount(notice.used_micro, CNY_DECIMALS),
            "cap": format_amount(notice.cap_micro, CNY_DECIMALS),
            "runsOutAt": notice.runs_out_at,
            "withinHours": notice.within_hours,
            "noticedAt": notice.noticed_at,
        }
        yield self._event(EventType.CAP_THRESHOLD_CROSSED, notice.participant_id, told, notice.noticed_at)

    def lockout(self, lockout: Lockout) -> Iterator[Event]:
        """For the program's brand."""
        program = self.directory.programs[lockout.program_id]
        told: dict[str, Any] = {"program": program.code, "refusedAt": lockout.refused_at}
        if lockout.accepted_at is None:
            told["words"] = lockout.words
            yield self._event(EventType.CREDENTIALS_REFUSED, program.brand_id, told, lockout.refused_at)
        else:
            told["acceptedAt"] = lockout.accepted_at
            yield self._event(EventType.CREDENTIALS_ACCEPTED, program.brand_id, told, lockout.accepted_at)

    def statement(self, window: Window, participant_id: UUID) -> Iterator[Event]:
        """For a participant; the operator is told by nobody."""
        brand = self.directory.brands.get(participant_id)
        if brand is not None:
            told = {
                "windowId": global_id("Window", window.id),
                "window": window.number,
                "participant": brand.code,
                "cutOffAt": window.cut_off_at,
            }
            yield self._event(EventType.STATEMENT_ADVISED, brand.id, told)

    def deposit(self, move: cash.DepositMove) -> Iterator[Event]:
        """For the participant."""
        told = {
            "id": global_id("DepositMove", move.id),
            "participant": self.directory.brands[move.participant_id].code,
            "model": move.model,
            "movement": move.movement,
            "amount": format_amount(abs(move.amount_fen), FEN_DECIMALS),
            "balance": format_amount(move.balance_fen, FEN_DECIMALS),
            "window": move.window,
            "reason": move.reason,
            "recordedAt": move.recorded_at,
        }
        yield self._event(_OF_DEPOSIT[move.movement], move.participant_id, told, move.recorded_at)

    def _number(self, membership_id: UUID, brand_id: UUID) -> str | None:
        """The member's number, for brands that take part in the card's own program; None for others."""
        card = self.cards.get(membership_id)
        if card is None or not card.number:
            return None
        own = self.directory.programs[card.program_id]
        return card.number if _takes_part(self.directory, own, brand_id) else None

    def _event(self, event_type: EventType, brand_id: UUID, data: dict[str, Any], at: datetime | None = None) -> Event:
        return Event(new_id(), event_type, brand_id, at or self.now, data)


def _takes_part(directory: Directory, program: Program, brand_id: UUID) -> bool:
    return brand_id in directory.descendants(program.brand_id) or program.brand_id in directory.descendants(brand_id)
