"""When pending transfers time out."""

from datetime import datetime, timedelta

from ledger.transfer import Transfer


def times_out_at(transfer: Transfer, recorded_at: datetime) -> datetime | None:
    """From when on a pending transfer recorded at `recorded_at` can no longer be posted; None: never."""
    return None if transfer.timeout_seconds is None else recorded_at + timedelta(seconds=transfer.timeout_seconds)
