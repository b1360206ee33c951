"""APScheduler, embedded in the bot's event loop."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.errors import UpstreamError
from scheduler.jobs import Job
from scheduler.leadership import Leadership

_log = logging.getLogger(__name__)


def build_scheduler(jobs: Sequence[Job], leadership: Leadership | None = None) -> AsyncIOScheduler:
    """Give a scheduler that is ready to start.

    A job never runs beside itself; turns missed while it was busy or the machine slept become one. Where several
    schedulers run, ``leadership`` says whose turn counts; whoever gains it begins with all the leader's jobs at once.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    if leadership is not None:
        _begin_when_gained(scheduler, jobs, leadership)
    for job in jobs:
        scheduler.add_job(
            guarded(_led(job, leadership)),
            "interval",
            seconds=job.seconds,
            id=job.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
    return scheduler


def _begin_when_gained(scheduler: AsyncIOScheduler, jobs: Sequence[Job], leadership: Leadership) -> None:
    names = [job.name for job in jobs if not job.everywhere]

    def begin() -> None:
        for name in names:
            scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    leadership.when_gained(begin)


def _led(job: Job, leadership: Leadership | None) -> Job:
    """Turn a job of the leader into one that does nothing where nobody leads."""
    if leadership is None or job.everywhere:
        return job

    async def run() -> object:
        return await job.run() if leadership.leads else None

    return msgspec.structs.replace(job, run=run)


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
