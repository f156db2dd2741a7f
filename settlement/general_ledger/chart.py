"""The chart of accounts: what each side of the journal is called in a general ledger. Pure."""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from ledger.journal import Side

PERSONS: Final = ("member", "mirror", "grant")
"""The purposes of accounts that belong to members: a general ledger has one account for all of them."""

ROOTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "member": "Liabilities",
        "mirror": "Liabilities",
        "held": "Liabilities",
        "issued": "Equity",
        "position": "Liabilities",
        "exchange_clearing": "Liabilities",
        "break_suspense": "Assets",
        "break_disputed": "Assets",
        "due": "Assets",
        "owed": "Liabilities",
        "prefund": "Liabilities",
        "withdrawn": "Liabilities",
        "bank": "Assets",
        "suspense": "Liabilities",
        "disputed": "Assets",
        "write_off": "Expenses",
        "tolerated": "Equity",
        "bank_charges": "Expenses",
        "bank_interest": "Income",
        "funds": "Equity",
        "grant": "Liabilities",
    }
)
"""Under which of the five roots an account stands, by its purpose; what is not named stands under Equity."""

_COMMODITY_LENGTH_MAX: Final = 24
_HASH_LENGTH: Final = 8


class Chart:
    """Names for sides and assets, each its own; the same books give the same names."""

    def __init__(self, owners: Mapping[UUID, str]) -> None:
        self._owners = owners
        self._names: dict[Side, str] = {}
        self._taken: dict[str, object] = {}

    def account(self, side: Side) -> str:
        """As `Liabilities:CNY:Position:Hotel`."""
        if side not in self._names:
            self._names[side] = self._own(_account(side, self._owners), side)
        return self._names[side]

    def commodity(self, asset: str) -> str:
        """As `CNY` or `RIGHT.LOUNGE`: what beancount takes for the name of a currency."""
        name = re.sub(r"[^A-Z0-9._-]", ".", asset.upper())
        plain = re.fullmatch(r"[A-Z][A-Z0-9._-]*[A-Z0-9]", name) and len(name) <= _COMMODITY_LENGTH_MAX
        return name if plain else f"X{name[: _COMMODITY_LENGTH_MAX - 10].rstrip('._-')}-{_hash(asset)}"

    def _own(self, name: str, side: Side) -> str:
        """Two sides that would be called the same are told apart."""
        own = name if self._taken.setdefault(name, side) == side else f"{name}-{_hash(repr(side))}"
        self._taken.setdefault(own, side)
        return own


def _account(side: Side, owners: Mapping[UUID, str]) -> str:
    base = re.split(r"[^a-z_]", side.purpose, maxsplit=1)[0]
    root = ROOTS.get(base, "Equity")
    parts = [side.asset, side.purpose]
    if side.owner is not None:
        parts.append(owners.get(side.owner, str(side.owner)))
    return ":".join([root, *map(_component, parts)])


def _component(text: str) -> str:
    words = [word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9-]+", text) if word]
    return "".join(words).lstrip("-") or "X"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH].upper()
