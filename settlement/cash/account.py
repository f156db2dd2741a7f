"""A bank account as banks write it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

HOLDER_LENGTH_MAX: Final = 70
"""The longest name that banks carry in every message version, in characters."""

_NUMBER: Final = re.compile(r"[0-9A-Z]{6,34}", re.ASCII)
_BANK_CODE: Final = re.compile(r"[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where money is sent. Raises ValueError for what no bank would take."""

    holder: str
    """The name the account is held under."""
    number: str
    """Digits and capital letters, without spaces."""
    bank_code: str
    """The bank's twelve-digit number in CNAPS, the national payment system."""

    def __post_init__(self) -> None:
        holder = unicodedata.normalize("NFC", self.holder).strip()
        if not 0 < len(holder) <= HOLDER_LENGTH_MAX or not holder.isprintable():
            message = f"an account's holder has 1 to {HOLDER_LENGTH_MAX} printable characters"
            raise ValueError(message)
        if not _NUMBER.fullmatch(self.number):
            raise ValueError("an account number has 6 to 34 digits or capital letters, without spaces")
        if not _BANK_CODE.fullmatch(self.bank_code):
            raise ValueError("a bank code has twelve digits")
        object.__setattr__(self, "holder", holder)

    @property
    def masked(self) -> str:
        """The number with only its last four characters readable."""
        return "*" * (len(self.number) - 4) + self.number[-4:]
