"""A process of its own that audits a ledger, so that its memory is its own. What it found is printed as JSON."""

import asyncio
import json
import resource
import sys
import time
from dataclasses import asdict
from typing import Final

from core.database import Database
from ledger import audit

_KIB_PER_MB: Final = 1024


async def main(url: str) -> None:
    """Audit the ledger at `url`."""
    database = await Database.connect(url, pool_size_max=3)
    try:
        begun = time.perf_counter()
        report = await audit(database)
        answer = {
            "seconds": time.perf_counter() - begun,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MB,
            "transfers": report.counts["ledger_transfer"],
            "findings": [asdict(finding) for finding in report.findings],
        }
    finally:
        await database.close()
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
