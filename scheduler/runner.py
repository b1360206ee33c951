"""APScheduler, embedded in the bot's event loop."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.errors import UpstreamError
from scheduler.jobs import Job

_log = logging.getLogger(__name__)


def build_scheduler(jobs: Sequence[Job]) -> AsyncIOScheduler:
    """Give a scheduler that is ready to start.

    A job never runs beside itself; turns missed while it was busy or the machine slept become one.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    for job in jobs:
        scheduler.add_job(
            guarded(job),
            "interval",
            seconds=job.seconds,
            id=job.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
    return scheduler


def guarded(job: Job) -> Callable[[], Awaitable[None]]:
    """Keep a failing turn from being more than a line in the log."""

    async def run() -> None:
        try:
            await job.run()
        except UpstreamError as error:
            _log.warning("job %s: %s", job.name, error)
        except Exception:
            _log.exception("job %s failed", job.name)

    return run
