"""A scheduler as a process of its own, for tests that kill it.

Usage: python -m tests.integration.queue_scheduler MONGODB_URI DATABASE JOURNAL. While it leads it writes its
process id, ten times a second.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from bot.until_stopped import until_stopped
from scheduler.jobs import Job
from scheduler.leadership import Leadership
from scheduler.runner import build_scheduler
from store.connect import connect

LEASE_SECONDS = 8.0
"""A leader that gets no turn for so long is followed by another, as it must be."""


async def run(uri: str, database: str, journal: Path) -> None:
    """Run jobs until the process is stopped."""

    async def lead() -> None:
        with journal.open("a") as lines:
            lines.write(f"{os.getpid()}\n")

    store = await connect(uri, database)
    leadership = Leadership(store.leases, str(os.getpid()), time.monotonic, LEASE_SECONDS)
    scheduler = build_scheduler(
        [Job("keep", 0.2, leadership.keep, everywhere=True), Job("lead", 0.1, lead)], leadership
    )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
        await leadership.release()
        store.close()


if __name__ == "__main__":
    asyncio.run(until_stopped(run(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
