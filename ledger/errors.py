"""What the ledger raises. Expected refusals are statuses of outcomes, never exceptions.

AgioError
└── LedgerError
    ├── AssetDiffers        an asset is already known with another scale, kind or time zone
    ├── NoTransaction       the connection is in no transaction: locks would be gone before anything is written
    ├── SameIdInFlight      another transaction was recording a transfer with the same id; send the batch again
    └── SealOfAnotherServer the numbers of transactions are behind the seal: these rows were sealed on another server
"""

from typing import TYPE_CHECKING

import asyncpg

from core.errors import AgioError

if TYPE_CHECKING:
    from ledger.asset import Asset


class LedgerError(AgioError):
    """The ledger cannot do what was asked."""


class AssetDiffers(LedgerError):
    """The asset is already known with another scale, kind or time zone."""

    def __init__(self, known: "Asset", asked: "Asset") -> None:
        super().__init__(f"{known.code} is known as {known}, not {asked}")
        self.known = known
        self.asked = asked


class NoTransaction(LedgerError):
    """The connection is in no transaction: locks would be gone before anything is written."""

    def __init__(self) -> None:
        super().__init__(NoTransaction.__doc__)


class SameIdInFlight(LedgerError, asyncpg.SerializationError):
    """Another transaction was recording a transfer with the same id; nothing was recorded, send the batch again."""

    def __init__(self) -> None:
        super().__init__(SameIdInFlight.__doc__)


class SealOfAnotherServer(LedgerError):
    """The numbers of transactions are behind the seal: what is recorded now could never be sealed."""

    def __init__(self, sealed_until: int, horizon: int) -> None:
        super().__init__(f"sealed until transaction {sealed_until}, but this server is at {horizon}")
