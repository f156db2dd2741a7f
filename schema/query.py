"""All queries."""

import strawberry
from strawberry import federation

from schema.catalogue import CatalogueQuery
from schema.context import Info
from schema.exchange import ExchangeQuery
from schema.member import Member
from schema.quote import QuoteQuery
from schema.scopes import Scope
from schema.statement import StatementQuery
from schema.window import WindowQuery


@strawberry.type
class Query(CatalogueQuery, QuoteQuery, ExchangeQuery, WindowQuery, StatementQuery):
    """What can be asked."""

    @federation.field(requires_scopes=[[Scope.WALLET_READ]])
    def me(self, info: Info) -> Member:
        """The member whose token it is."""
        return Member.me(info)
