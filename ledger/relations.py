"""What the ledger holds as relations, for other packages' set-based SQL: a sub-select as text, its columns kept stable.

Reading a million lines one by one through `statement` takes a minute; joined in the database it takes seconds.
"""

from typing import Final

from ledger.transfer import Kind

_POSTING: Final = ", ".join(str(int(kind)) for kind in (Kind.SINGLE, Kind.POST, Kind.CLOSE, Kind.LOT_EXPIRY))

ACCOUNT_LINES: Final = f"""
SELECT balance.account_id, transfer.id AS transfer_id, balance.recorded_at, transfer.code, transfer.reference,
    CASE WHEN transfer.credit_account_id = balance.account_id THEN transfer.amount ELSE -transfer.amount END AS posted
FROM ledger_balance AS balance
CROSS JOIN LATERAL unnest(balance.transfer_ids) AS item (id)
JOIN ledger_transfer AS transfer ON transfer.id = item.id
WHERE transfer.kind IN ({_POSTING})
"""
"""What was posted on accounts: (account_id, transfer_id, recorded_at, code, reference, posted); credits positive.

Name the accounts and bound `recorded_at` from both sides, or all of the history is read.
"""

ORDERED_ACCOUNT_LINES: Final = f"""
SELECT balance.account_id, transfer.id AS transfer_id, balance.recorded_at, transfer.code, transfer.reference,
    CASE WHEN transfer.credit_account_id = balance.account_id THEN transfer.amount ELSE -transfer.amount END AS posted,
    item.place
FROM ledger_balance AS balance
CROSS JOIN LATERAL unnest(balance.transfer_ids) WITH ORDINALITY AS item (id, place)
JOIN ledger_transfer AS transfer ON transfer.id = item.id
WHERE transfer.kind IN ({_POSTING})
"""
"""The same with `place`: the order of recording is (recorded_at, place)."""


def lines_of_references(references: str) -> str:
    """What was posted under references, on whichever account: the same columns as `ACCOUNT_LINES`.

    `references` is a sub-select of (reference). A transfer's id is as old as what it belongs to, to the millisecond,
    so each reference is looked up where its transfers stand, and not in all of history.
    """
    return _OF_REFERENCES.format(references=references)


def lines_of_transfers(transfers: str) -> str:
    """The same of transfers that are known: `transfers` is a sub-select of (transfer_id)."""
    return _OF_TRANSFERS.format(transfers=transfers)


_SIDES: Final = """
CROSS JOIN LATERAL (
    VALUES (transfer.credit_account_id, transfer.amount), (transfer.debit_account_id, -transfer.amount)
) AS side (account_id, posted)
"""

_OF_TRANSFERS: Final = f"""
SELECT side.account_id, transfer.id AS transfer_id, transfer.recorded_at, transfer.code, transfer.reference, side.posted
FROM ({{transfers}}) AS named JOIN ledger_transfer AS transfer ON transfer.id = named.transfer_id
{_SIDES}
WHERE transfer.kind IN ({_POSTING})
"""

_OF_REFERENCES: Final = f"""
SELECT side.account_id, transfer.id AS transfer_id, transfer.recorded_at, transfer.code, transfer.reference, side.posted
FROM ({{references}}) AS named
CROSS JOIN LATERAL (
    SELECT * FROM ledger_transfer
    WHERE id >= (left(named.reference::text, 13) || '-0000-0000-000000000000')::uuid
        AND id <= (left(named.reference::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
    OFFSET 0
) AS transfer
{_SIDES}
WHERE transfer.reference = named.reference AND transfer.kind IN ({_POSTING})
"""
