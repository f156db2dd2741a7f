"""What tells people apart: phone, email, the ids of sign-in providers, member numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from members.normalise import normal_email, normal_number, normal_opaque, normal_phone


class IdentifierType(StrEnum):
    """The kinds of identifier, strongest evidence first."""

    UNIONID = "unionid"
    """One person across all apps of one company at a sign-in provider; its scope is the provider."""
    OPENID = "openid"
    """One person in one app of a sign-in provider; its scope is provider and app."""
    MEMBER_NUMBER = "member_number"
    """One card of one program; its scope is the program's code."""
    PHONE = "phone"
    """A phone number; it has no scope."""
    EMAIL = "email"
    """An address; it has no scope."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one person may reasonably have of a type. What goes beyond is reviewed by a person, not merged."""

    per_member_max: int
    """How many different identifiers of this type and one scope one member may have."""
    records_max: int
    """How many records may share one identifier before it counts as shared by several people."""


RULES: Final = {
    IdentifierType.UNIONID: Rule(per_member_max=1, records_max=32),
    IdentifierType.OPENID: Rule(per_member_max=1, records_max=32),
    IdentifierType.MEMBER_NUMBER: Rule(per_member_max=1, records_max=8),
    IdentifierType.PHONE: Rule(per_member_max=3, records_max=8),
    IdentifierType.EMAIL: Rule(per_member_max=4, records_max=8),
}

STRENGTH: Final = {kind: rank for rank, kind in enumerate(IdentifierType)}
"""The order in which evidence is weighed: what identifies more strongly joins first."""

_NORMAL: Final[dict[IdentifierType, Callable[[str], str | None]]] = {
    IdentifierType.UNIONID: normal_opaque,
    IdentifierType.OPENID: normal_opaque,
    IdentifierType.MEMBER_NUMBER: normal_number,
    IdentifierType.PHONE: normal_phone,
    IdentifierType.EMAIL: normal_email,
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier in its normal form. Two are the same exactly when they are equal."""

    type: IdentifierType
    scope: str
    value: str

    @classmethod
    def read(cls, kind: IdentifierType, text: str, *, scope: str = "") -> "Identifier | None":
        """The identifier that `text` writes; None when it writes none."""
        value = _NORMAL[kind](text)
        return None if value is None else cls(kind, scope, value)

    @property
    def is_test_value(self) -> bool:
        """Whether it is one of the numbers that testers and clerks without a number type in."""
        return self.value in _TEST_VALUES


_TEST_VALUES: Final = frozenset(
    {
        "+8613800138000",  # the service centre's number in every manual
        "+8613800000000",
        "+8613888888888",
        "+8613900000000",
        "+8613999999999",
        "+8613812345678",
        "+8613912345678",
        "+8618888888888",
        "+8618800000000",
        "test@test.com",
        "none@none.com",
        "noemail@noemail.com",
    }
)
