"""Of several refusals that apply, the first in the order of `Status` is given.

Each ladder begins with a transfer in which much is wrong. One line down, what was refused is mended and nothing else.
"""

import ast
from pathlib import Path

import pytest

from ledger import Status, close_period, status
from tests.ledger.tables import Table

FORM = """
    timeless issued > issued -1 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y group=g group_broken
    z issued > ann 1 group=h created
    timeless issued > issued -1 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y group=g group_broken
    timeless issued > issued -1 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y id_not_time_ordered
    a issued > issued -1 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y up_to=both accounts_must_differ
    a issued > ann -1 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y up_to=both amount_must_be_positive
    a issued > ann 9223372036854775808 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y amount_too_large
    a issued > ann 9 code=-1 lot=-,-,-1 kind=expire timeout=0 reverses=x lots_of=y up_to=both amount_must_be_zero
    a issued > ann 9 code=-1 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y up_to=both code_out_of_range
    a issued > ann 9 lot=-,-,-1 kind=post timeout=0 reverses=x lots_of=y up_to=both lot_terms_out_of_range
    a issued > ann 9 kind=post timeout=0 reverses=x lots_of=y up_to=both timeout_out_of_range
    a issued > ann 9 kind=post timeout=5 reverses=x lots_of=y up_to=both timeout_reserved_for_pending
    a issued > ann 9 kind=post reverses=x lots_of=y up_to=both pending_id_must_be_given
    a issued > ann 9 kind=pending of=x reverses=x lots_of=y up_to=both pending_id_must_not_be_given
    a issued > ann 9 kind=post of=x reverses=x lots_of=y up_to=both reverses_id_must_not_be_given
    a issued > ann 9 kind=post of=x lots_of=y up_to=both lots_of_must_not_be_given
    a ann > issued 0 kind=lot_expiry up_to=both balancing_must_not_be_given
    a ann > issued 0 kind=lot_expiry event_time_must_be_given
"""

EXISTENCE = """
    a issued > ann 5 kind=pending timeout=5 created
    a spent > bob 6 code=2 kind=post of=b group=g event=-1s ref=r lot=-,-,3 exists_with_different_kind
    a spent > bob 6 code=2 kind=pending timeout=6 group=g event=-1s ref=r lot=- exists_with_different_debit_account_id
    a issued > bob 6 code=2 kind=pending timeout=6 group=g event=-1s ref=r lot=- exists_with_different_credit_account_id
    a issued > ann 6 code=2 kind=pending timeout=6 group=g event=-1s ref=r lot=- exists_with_different_amount
    a issued > ann 5 code=2 kind=pending timeout=6 group=g event=-1s ref=r lot=- up_to=debit exists_with_different_code
    a issued > ann 5 kind=pending timeout=6 group=h event=-1s ref=r lot=- up_to=debit exists_with_different_group_id
    a issued > ann 5 kind=pending timeout=6 event=-1s ref=r lot=- up_to=debit exists_with_different_timeout_seconds
    a issued > ann 5 kind=pending timeout=5 event=-1s ref=r lot=- up_to=debit exists_with_different_event_time
    a issued > ann 5 kind=pending timeout=5 ref=r lot=- up_to=debit exists_with_different_reference
    a issued > ann 5 kind=pending timeout=5 lot=- up_to=debit exists_with_different_balancing
    a issued > ann 5 kind=pending timeout=5 lot=- exists_with_different_lot
    a issued > ann 5 kind=pending timeout=5 exists
    p issued > ann 1 kind=post of=a created
    p issued > ann 1 kind=post of=b event=-1s exists_with_different_pending_id
    --
    s ann > issued 1 reverses=p created
    s ann > issued 1 reverses=a ref=r exists_with_different_reverses_id
    t ann > issued 1 exceeds_credits
    t ann > issued 1 lots_of=p timeout=7 timeout_reserved_for_pending
    t ann > issued 1 lots_of=p event=-1s exists_with_different_lots_of
    t ann > issued 1 lot=- exists_with_different_lot
    t ann > issued 1 exceeds_credits
"""

BOOKS = """
    ahead ghost > ghoul 9 event=+1s id_ahead_of_clock
    a ghost > ghoul 9 event=+1s event_time_in_future
    b ghost > ghoul 9 event=-9s debit_account_not_found
    c shut > ghoul 9 event=-9s credit_account_not_found
    d shut > bank 9 event=-9s accounts_have_different_assets
    e shut > closed 9 event=-9s event_time_in_closed_period
    f shut > closed 9 debit_account_closed
    g pot > closed 9 credit_account_closed
    h pot > issued 9 exceeds_credits
"""

PENDING = """
    +0s
    p shop > stock 5 kind=pending timeout=60 created
    q shop > stock 5 kind=pending timeout=1 created
    s shop > pot 5 created
    a pot > shop 9 kind=post of=x pending_transfer_not_found
    b pot > shop 9 kind=post of=s pending_transfer_not_pending
    c pot > ann 9 kind=post of=p pending_transfer_has_different_debit_account_id
    d shop > ann 9 kind=post of=p pending_transfer_has_different_credit_account_id
    v shop > stock 0 kind=void of=p created 5
    e shop > stock 9 kind=post of=p pending_transfer_already_voided
    +2s
    f shop > stock 9 kind=post of=q pending_transfer_expired
    g shop > stock 9 kind=void of=q pending_transfer_expired
    r shop > stock 5 kind=pending created
    h shop > stock 9 kind=post of=r exceeds_pending_transfer_amount
    i shop > stock 9 kind=void of=r pending_transfer_has_different_amount
"""

REVERSAL = """
    e issued > ann 5 created
    m ann > held 5 created
    p shop > held 4 kind=pending created
    a issued > ann 9 reverses=x original_not_found
    b issued > ann 9 reverses=p original_not_reversible
    c issued > ann 9 reverses=m original_has_different_accounts
    r held > ann 1 reverses=m created
    d held > ann 9 reverses=m already_reversed
    f ann > issued 9 reverses=e exceeds_original_amount
    g ann > issued 5 reverses=e exceeds_credits
    i issued > ann 4 created
    h ann > issued 5 reverses=e exceeds_lots_of
"""

AMOUNTS = """
    a issued > spent 9223372036854775807 created
    b spent > other 9223372036854775807 created
    w spent > stock 5 kind=pending overflows_debits
    c shop > stock 51 exceeds_credits
    d spent > stock 11 exceeds_debits
    e spent > other 1 overflows_debits
    f bob > other 1 exceeds_credits
    k issued > ann 1 overflows_debits
    g shop > other 1 overflows_credits
    h shop > ann 3 lot=+1h created
    i ann > stock 3 lots_of=a exceeds_lots_of
    +1h
    j ann > other 3 overflows_credits
    l ann > stock 3 exceeds_spendable
    m ann > shop 0 kind=close created 3
"""


async def test_form(table: Table) -> None:
    """What is wrong with the transfer itself comes first."""
    await table.run(FORM)


async def test_existence(table: Table) -> None:
    """The field that differs is the first one in the order of the statuses."""
    await table.run(EXISTENCE)


async def test_books(table: Table) -> None:
    """Time comes before accounts, existence of accounts before their state."""
    await table.run("""
        a issued > pot 1 created
        b pot > spent 0 kind=close created 1
        c issued > held 1 created
        d held > spent 0 kind=close created 1
    """)
    table.accounts |= {"shut": table.accounts.pop("pot"), "closed": table.accounts.pop("held")}
    table.accounts["pot"] = table.accounts["bob"]
    async with table.database.transaction() as connection:
        assert await close_period(connection, "P", table.clock.now(), clock=table.clock) is None
    table.ids.clear()
    await table.run(BOOKS)


@pytest.mark.parametrize("ladder", [PENDING, REVERSAL, AMOUNTS], ids=["pending", "reversal", "amounts"])
async def test_ladder(table: Table, ladder: str) -> None:
    """Each line down one cause less."""
    await table.run(ladder)


def test_the_docs_list_the_statuses_in_their_order() -> None:
    """`docs/ledger.md` has the same names in the same order with the same sentences as the code."""
    body = next(
        node for node in ast.parse(Path(status.__file__).read_text()).body if isinstance(node, ast.ClassDef)
    ).body
    sentences = [" ".join(ast.literal_eval(node.value).split()) for node in body[1:] if isinstance(node, ast.Expr)]
    expected = [f"| `{member.value}` | {text} |" for member, text in zip(Status, sentences, strict=True)]
    page = Path(status.__file__).parent.parent / "docs" / "ledger.md"
    assert "\n".join(expected) in page.read_text()
