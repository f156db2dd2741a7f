"""A process that closes the open window whenever it is asked, as a worker does beside a server.

`python -m benchmarks.settle.closing URL`

Prints a line when it is ready, and one for each line that it reads, once the window is closed.
"""

import asyncio
import gc
import sys

from benchmarks.settle.settling import MAKER
from core.database import Database
from settlement import close


async def _run(url: str) -> None:
    gc.freeze()  # as every command does with what it has imported
    database = await Database.connect(url, pool_size_max=2)
    try:
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            window = await close(database, MAKER)
            print(window, flush=True)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
