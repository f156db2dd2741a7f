"""What is wrong with a transfer by itself."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from core.ids import new_id
from ledger import Status, Transfer
from ledger.form import form_refusal


@pytest.mark.parametrize("variant", [0b00, 0b01, 0b11])
@pytest.mark.parametrize("version", [1, 4, 6, 7, 8])
def test_ids_are_of_version_7_and_of_the_variant_of_its_standard(version: int, variant: int) -> None:
    """Every other version and every other variant is refused."""
    number = new_id().int & ~(0xF << 76) & ~(0b11 << 62)
    transfer = Transfer(new_id(), new_id(), new_id(), 1, 1)
    assert form_refusal(transfer) is None
    wrong = UUID(int=number | version << 76 | variant << 62)
    assert form_refusal(replace(transfer, id=wrong)) is Status.ID_NOT_TIME_ORDERED
    right_variant = UUID(int=number | version << 76 | 0b10 << 62)
    expected = None if version == 7 else Status.ID_NOT_TIME_ORDERED
    assert form_refusal(replace(transfer, id=right_variant)) is expected
