"""A worker on an SQS queue as a process of its own, for tests that kill it.

Usage: python -m tests.integration.queue_worker QUEUE_URL JOURNAL. It writes a line for each item it begins and ends.
Long work lasts until there is a file as ``released`` names it.
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

TIMING = Timing(visibility=6, poll_wait=1, retries=(1, 1))
"""A worker that gets no turn for so long loses its work, as it must; a busy machine may hold one up for seconds."""
WORK_SECONDS = 0.02
AT_ONCE = 6
"""As many as there are accounts: what waits in one worker for a place, no other begins."""
LONG = "long"


def released(journal: Path) -> Path:
    """The file that ends long work."""
    return journal.with_name("released")


async def work_off(url: str, journal: Path) -> None:
    """Work until the process is stopped."""

    def note(what: str, item: WorkItem) -> None:
        with journal.open("a") as lines:  # One short line is appended in one piece, whoever else writes.
            lines.write(f"{what} {os.getpid()} {item.account_id} {item.subject}\n")

    async def work(item: WorkItem) -> None:
        note("begin", item)
        await asyncio.sleep(WORK_SECONDS)
        while item.subject == LONG and not released(journal).exists():  # noqa: ASYNC110 - a file sends no word
            await asyncio.sleep(WORK_SECONDS)
        note("end", item)

    queue = SqsQueue(channel_to(url), concurrency=AT_ONCE, new_id=lambda: str(uuid4()), timing=TIMING)
    queue.start(work)
    try:
        await asyncio.Event().wait()
    finally:
        await queue.stop(5.0)


if __name__ == "__main__":
    asyncio.run(until_stopped(work_off(sys.argv[1], Path(sys.argv[2]))))
