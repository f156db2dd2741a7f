"""OneID: identifiers, memberships and the people behind them."""
