"""One normal form for whatever people and brands write; None for what cannot be one."""

import re
import unicodedata

import phonenumbers

_REGION = "CN"
_PHONE_CHARACTERS = re.compile(r"\(?\+?[0-9 ()./-]{5,32}", re.ASCII)
_EMAIL = re.compile(r"[^\s@,;<>()\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_OPAQUE = re.compile(r"[!-~]{1,128}", re.ASCII)
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63", "-"))


def plain(text: str) -> str:
    """The text in compatibility form (full-width digits become plain ones), its spaces single and none around it."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def normal_phone(text: str) -> str | None:
    """The number as `+8613800001234`; one without a country code is Chinese."""
    written = plain(text).translate(_DASHES)
    if not _PHONE_CHARACTERS.fullmatch(written):
        return None  # the library would read letters as the digits they share a key with
    try:
        number = phonenumbers.parse(written, _REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_email(text: str) -> str | None:
    """The address without regard to case or width."""
    # Folding may undo the normal form and the other way round; the second pass settles it.
    written = plain(plain(text).casefold()).casefold()
    return written if _EMAIL.fullmatch(written) else None


def normal_opaque(text: str) -> str | None:
    """An id that another system gave out: its case counts, spaces around it do not."""
    written = plain(text)
    return written if _OPAQUE.fullmatch(written) else None


def normal_number(text: str) -> str | None:
    """A member number: capital letters, without the spaces and dashes that people put in to read it."""
    written = plain(text).translate(_DASHES).upper()
    return normal_opaque(written.replace(" ", "").replace("-", ""))


def normal_name(text: str) -> str:
    """A person's name as written, in compatibility form and with single spaces."""
    return plain("".join(character for character in text if character.isprintable() or character.isspace()))
