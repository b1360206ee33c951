"""APScheduler, embedded in the bot's event loop."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.errors import UpstreamError
from engine.models.metrics import JOBS
from scheduler.jobs import Job
from scheduler.leadership import Leadership
from services.correlation import correlated
from services.ports.watching import Meter

_log = logging.getLogger(__name__)
_LONG_SECONDS = 60.0
_AGAIN_SECONDS = 1800.0
_PASSING = 10  # Turns that find the job at work and end at once; APScheduler would warn of each.


def build_scheduler(jobs: Sequence[Job], leadership: Leadership | None = None) -> AsyncIOScheduler:
    """Give a scheduler that is ready to start.

    A job runs beside itself only as often as it allows; turns missed while the machine slept become one. Where several
    schedulers run, ``leadership`` says whose turn counts; whoever gains it begins with all the leader's jobs at once.
    What is due once a day is tried again after half an hour where it failed.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    if leadership is not None:
        _begin_when_gained(scheduler, jobs, leadership)
    for job in jobs:
        scheduler.add_job(
            guarded(in_turn(_led(job, leadership)), trying_again(scheduler, job)),
            "interval",
            seconds=job.seconds,
            id=job.name,
            name=job.name,
            max_instances=job.beside + _PASSING,
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


def trying_again(scheduler: AsyncIOScheduler, job: Job) -> Callable[[], None]:
    """What moves a job's next turn to half an hour from now; nothing where that comes sooner by itself."""

    def move() -> None:
        if job.seconds > _AGAIN_SECONDS:
            with suppress(JobLookupError):  # The scheduler has stopped.
                scheduler.modify_job(job.name, next_run_time=datetime.now(UTC) + timedelta(seconds=_AGAIN_SECONDS))

    return move


def _led(job: Job, leadership: Leadership | None) -> Job:
    """Turn a job of the leader into one that does nothing where nobody leads."""
    if leadership is None or job.everywhere:
        return job

    async def run() -> object:
        return await job.run() if leadership.leads else None

    return msgspec.structs.replace(job, run=run)


def measured(job: Job, meter: Meter, monotonic: Callable[[], float] = time.monotonic) -> Job:
    """Give the same job, counted with its seconds; what it writes into the log carries its name."""

    async def run() -> object:
        began, outcome = monotonic(), "failed"
        try:
            with correlated(job=job.name):
                result = await job.run()
            outcome = "ok"
            return result
        finally:
            meter.note(JOBS, monotonic() - began, job_name=job.name, outcome=outcome)

    return msgspec.structs.replace(job, run=run)


def in_turn(job: Job, monotonic: Callable[[], float] = time.monotonic) -> Job:
    """Leave out turns that find enough others at work; the log says so once, when one of those takes long."""
    at_work: list[float] = []
    told = False

    async def run() -> object:
        nonlocal told
        if len(at_work) >= job.beside:
            seconds = monotonic() - at_work[0]
            if seconds >= _LONG_SECONDS and not told:
                _log.warning("job %s has been at work for %.0f s; turns meanwhile are left out", job.name, seconds)
                told = True
            return None
        began = monotonic()
        at_work.append(began)
        try:
            return await job.run()
        finally:
            at_work.remove(began)
            told = False

    return msgspec.structs.replace(job, run=run)


def guarded(job: Job, failed: Callable[[], None] = lambda: None) -> Callable[[], Awaitable[None]]:
    """Keep a failing turn from being more than a line in the log; ``failed`` is called after it."""

    async def run() -> None:
        try:
            await job.run()
        except UpstreamError as error:
            _log.warning("job %s: %s", job.name, error)
            failed()
        except Exception:
            _log.exception("job %s failed", job.name)
            failed()

    return run
