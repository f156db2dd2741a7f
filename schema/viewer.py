"""Who is asking: the one fact about a token that resolvers look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.ids import read_id
from schema.errors import Forbidden, Unauthenticated


class ViewerKind(StrEnum):
    """The kinds of token."""

    ANONYMOUS = "anonymous"
    """No token."""
    MEMBER = "member"
    """A member, by signing in."""
    BRAND = "brand"
    """A brand's system, by client credentials."""
    STAFF = "staff"
    """A person who works for the operator."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking, and what the token allows."""

    kind: ViewerKind = ViewerKind.ANONYMOUS
    subject: str = ""
    """A member's or a brand's id, or the name of a member of staff."""
    client_id: str = ""
    """The OAuth2 client that asked for the token."""
    scopes: frozenset[str] = frozenset()

    def require(self, alternatives: Sequence[frozenset[str]]) -> None:
        """Raise Unauthenticated or Forbidden unless the token carries all scopes of one alternative."""
        if any(needed <= self.scopes for needed in alternatives):
            return
        scopes = [sorted(needed) for needed in alternatives]
        if self.kind is ViewerKind.ANONYMOUS:
            raise Unauthenticated("A token is needed.", requiredScopes=scopes)
        raise Forbidden("The token lacks a scope.", requiredScopes=scopes)

    @property
    def member_id(self) -> UUID:
        """The member whose token it is. Raises Forbidden for other kinds."""
        return read_id(self._subject_of(ViewerKind.MEMBER))

    @property
    def brand_id(self) -> UUID:
        """The brand whose token it is. Raises Forbidden for other kinds."""
        return read_id(self._subject_of(ViewerKind.BRAND))

    @property
    def staff_name(self) -> str:
        """The member of staff whose token it is. Raises Forbidden for other kinds."""
        return self._subject_of(ViewerKind.STAFF)

    def _subject_of(self, kind: ViewerKind) -> str:
        if self.kind is not kind:
            message = f"Only for {kind.value} tokens."
            raise Forbidden(message)
        return self.subject


ANONYMOUS = Viewer()
"""Somebody without a token."""
