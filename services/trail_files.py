"""What becomes of each file of a trail: read once, tried again as it deserves, or set aside and named."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b

import msgspec

from engine.cloudtrail.trail_keys import TrailKey, parse_trail_key
from engine.errors import NotFound, UpstreamError
from engine.models.trail import FileState, TrailAccount, TrailFile, TrailObject, TrailTally
from services.ports import Clock, Trails
from services.trail_reader import Trail, TrailReader
from services.trail_splitting import FileReport

_log = logging.getLogger(__name__)
REMEMBER = timedelta(days=8)
PATIENCE = timedelta(days=1)
MOST_ATTEMPTS = 3
_LONGEST_PROBLEM = 500


class ListedFile(msgspec.Struct, frozen=True):
    """A file that was found, with what its name says and its id in our books."""

    file: TrailObject
    key: TrailKey
    file_id: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of a file in this turn. ``unreachable`` says why the store did not give it, if it did not."""

    state: FileState
    tally: TrailTally = TrailTally()
    unreachable: str = ""


def listed(trail: Trail, file: TrailObject) -> ListedFile | None:
    """Give a found file its id; None when its name is not one of CloudTrail's log files."""
    key = parse_trail_key(file.key)
    if key is None:
        return None
    digest = blake2b(f"{trail.name}\n{file.key}\n{file.etag}".encode("utf-8", "backslashreplace"), digest_size=16)
    return ListedFile(file, key, digest.hexdigest())


class TrailFiles:
    """Takes files of connected accounts, each until it is settled."""

    def __init__(self, reader: TrailReader, trails: Trails, clock: Clock, *, remember: timedelta = REMEMBER) -> None:
        self._reader = reader
        self._trails = trails
        self._clock = clock
        self._remember = remember

    async def find_known(self, files: Sequence[ListedFile]) -> dict[str, TrailFile]:
        """What is known of these files, by id."""
        return await self._trails.find_files([one.file_id for one in files])

    async def take(self, trail: Trail, one: ListedFile, known: TrailFile | None, account: TrailAccount) -> Outcome:
        """Read a file unless it is settled, and write down what became of it.

        Raises UpstreamError when the database is away; the file is read again then.
        """
        if known is not None and known.state is not FileState.FAILED:
            return Outcome(known.state)
        before = known or TrailFile(file_id=one.file_id, state=FileState.FAILED, first_seen_at=self._clock())
        report = await self._read(trail, one, account)
        after = self._judged(before, report)
        await self._trails.save_file(after, self._clock() + self._remember)
        if after.error:
            _log.warning("trail %s, %s: %s (%s)", trail.name, one.file.key, after.error, after.state)
        tally = TrailTally(
            files_read=int(after.state is FileState.DONE),
            files_set_aside=int(after.state is FileState.SET_ASIDE),
            records_kept=report.kept,
            problem=f"{one.file.key}: {after.error}"[:_LONGEST_PROBLEM] if after.error else "",
            problem_at=self._clock() if after.error else None,
            last_read_at=self._clock(),
        )
        return Outcome(after.state, tally, str(report.error) if isinstance(report.error, UpstreamError) else "")

    async def _read(self, trail: Trail, one: ListedFile, account: TrailAccount) -> FileReport:
        """A file that brings out a fault of ours must not keep the others from being read."""
        try:
            return await self._reader.read(trail, one.file, account)
        except UpstreamError:
            raise
        except Exception as error:
            _log.exception("trail %s, %s", trail.name, one.file.key)
            return FileReport(damaged=True, problem=f"could not be read ({type(error).__name__})")

    def _judged(self, before: TrailFile, report: FileReport) -> TrailFile:
        """Decide whether a file is settled.

        Content that is damaged stays so, but it may have been read while it was written: three times, then it is set
        aside. A store that refuses or does not answer may be mended within a day. A file that is gone is settled.
        """
        if isinstance(report.error, NotFound):
            return msgspec.structs.replace(before, state=FileState.DONE, error="was deleted before it was read")
        attempts = before.attempts + int(report.damaged and report.error is None)
        waited_long = report.error is not None and self._clock() - before.first_seen_at >= PATIENCE
        if waited_long or attempts >= MOST_ATTEMPTS:
            state = FileState.SET_ASIDE
        else:
            state = FileState.FAILED if report.error or report.damaged else FileState.DONE
        error = str(report.error) if report.error else report.problem
        return msgspec.structs.replace(before, state=state, attempts=attempts, error=error)


def total(tallies: Iterable[TrailTally]) -> TrailTally:
    """Add tallies up; of problems and times the last one counts.

    >>> total([TrailTally(files_read=1, problem="a"), TrailTally(files_read=2)]).files_read
    3
    """
    result = TrailTally()
    for one in tallies:
        result = TrailTally(
            files_read=result.files_read + one.files_read,
            files_set_aside=result.files_set_aside + one.files_set_aside,
            records_kept=result.records_kept + one.records_kept,
            problem=one.problem or result.problem,
            problem_at=one.problem_at or result.problem_at,
            last_read_at=one.last_read_at or result.last_read_at,
        )
    return result
