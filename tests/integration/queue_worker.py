"""A worker on an SQS queue as a process of its own, for tests that kill it.

Usage: python -m tests.integration.queue_worker QUEUE_URL JOURNAL. It writes a line for each item it begins and ends.
"""

import asyncio
import os
import sys
from pathlib import Path
from uuid import uuid4

from bot.until_stopped import until_stopped
from clients.aws.sqs_lane import Timing
from clients.aws.sqs_queue import SqsQueue
from engine.models.work import WorkItem
from tests.fixtures.sqs import channel_to

TIMING = Timing(visibility=2, poll_wait=1, retries=(1, 1))
WORK_SECONDS = 0.02
LONG_SECONDS = 3.0
"""Longer than a message is invisible without a heartbeat."""
LONG = "long"


async def work_off(url: str, journal: Path) -> None:
    """Work until the process is stopped."""

    def note(what: str, item: WorkItem) -> None:
        with journal.open("a") as lines:  # One short line is appended in one piece, whoever else writes.
            lines.write(f"{what} {os.getpid()} {item.account_id} {item.subject}\n")

    async def work(item: WorkItem) -> None:
        note("begin", item)
        await asyncio.sleep(LONG_SECONDS if item.subject == LONG else WORK_SECONDS)
        note("end", item)

    queue = SqsQueue(channel_to(url), concurrency=4, new_id=lambda: str(uuid4()), timing=TIMING)
    queue.start(work)
    try:
        await asyncio.Event().wait()
    finally:
        await queue.stop(5.0)


if __name__ == "__main__":
    asyncio.run(until_stopped(work_off(sys.argv[1], Path(sys.argv[2]))))
