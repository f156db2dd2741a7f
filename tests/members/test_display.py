"""What a member is shown about themselves, and how it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import MemberKeys
from members.display import mask_email, mask_name, mask_phone
from members.identifiers import Identifier, IdentifierType
from members.keys import Sealed, Unreadable


@pytest.mark.parametrize(("name", "shown"), [("", ""), ("Lyu Ke", "L** K*"), ("吕客", "吕*"), ("A", "A")])
def test_mask_name(name: str, shown: str) -> None:
    """The first letter of each part."""
    assert mask_name(name) == shown


def test_mask_phone() -> None:
    """The country and the two ends."""
    assert (mask_phone("+8613800001234"), mask_phone("+6561234567"), mask_phone("")) == (
        "+86138****1234",
        "+65****4567",
        "",
    )


def test_mask_email() -> None:
    """The first letter and the domain."""
    assert (mask_email("lyu.ke@example.com"), mask_email("")) == ("l***@example.com", "")


@given(st.binary(max_size=200))
def test_sealed(text: bytes) -> None:
    """What is sealed can be opened with the same root secret, by nobody else, and only as the same record's."""
    keys, others = MemberKeys.from_root(bytes(32)), MemberKeys.from_root(b"x" * 32)
    record, other = keys.record_id("test", "a"), keys.record_id("test", "b")
    sealed = keys.seal(record, text)
    assert keys.open(record, sealed) == text
    for wrong_keys, wrong_record, wrong in (
        (others, record, sealed),
        (keys, other, sealed),
        (keys, record, Sealed(sealed.wrapped_key, sealed.body[:-1] + bytes([sealed.body[-1] ^ 1]))),
        (keys, record, Sealed(keys.seal(record, text).wrapped_key, sealed.body)),
    ):
        with pytest.raises(Unreadable):
            wrong_keys.open(wrong_record, wrong)


def test_ids_are_keyed() -> None:
    """The same identifier has the same id in one installation and another one in another; so has each scope."""
    keys, others = MemberKeys.from_root(bytes(32)), MemberKeys.from_root(b"x" * 32)
    phone = Identifier(IdentifierType.PHONE, "", "+8613800001234")
    assert keys.identifier_id(phone) == MemberKeys.from_root(bytes(32)).identifier_id(phone)
    assert keys.identifier_id(phone) != others.identifier_id(phone)
    assert keys.identifier_id(Identifier(IdentifierType.OPENID, "a", "x")) != keys.identifier_id(
        Identifier(IdentifierType.OPENID, "b", "x")
    )


def test_keys_do_not_show() -> None:
    """Keys do not end up in a log."""
    assert repr(MemberKeys.from_root(bytes(32))) == "MemberKeys()"
