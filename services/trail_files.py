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
KEEP_ASIDE = timedelta(days=30)
PATIENCE = timedelta(days=1)
MOST_ATTEMPTS = 7
_SHORTEST_GAP = timedelta(minutes=1)
_LONGEST_GAP = timedelta(hours=1)
_LONGEST_ERROR = 300


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
        """Read a file unless it is settled or waits for its next try, and write down what became of it.

        Raises UpstreamError when the database is away; the file is read again then.
        """
        if known is not None and not self._is_wanted(known):
            return Outcome(known.state)
        report = await self._read(trail, one, account)
        after = self._judged(known or self._first_seen(trail, one), report)
        await self._trails.save_file(after, self._clock() + self._kept_for(after))
        if after.error:
            _log.warning("trail %s, %s: %s (%s)", trail.name, one.file.key, after.error, after.state)
        tally = TrailTally(
            files_read=int(after.state is FileState.DONE),
            files_set_aside=int(after.state is FileState.SET_ASIDE),
            records_kept=report.kept,
            last_read_at=self._clock(),
        )
        return Outcome(after.state, tally, str(report.error) if isinstance(report.error, UpstreamError) else "")

    def _is_wanted(self, known: TrailFile) -> bool:
        """Whether a listed file is to be read now. One the store did not give is asked for at every turn.

        That tells whether the store is back, and as long as it is not, the turn ends there.
        """
        if known.state is not FileState.FAILED:
            return False
        return known.unreachable or known.due_at is None or known.due_at <= self._clock()

    def _first_seen(self, trail: Trail, one: ListedFile) -> TrailFile:
        return TrailFile(
            file_id=one.file_id,
            state=FileState.FAILED,
            first_seen_at=self._clock(),
            trail=trail.name,
            key=one.file.key,
            etag=one.file.etag,
            account_id=one.key.account_id,
            region=one.key.region,
        )

    def _kept_for(self, file: TrailFile) -> timedelta:
        """People get longer to look at what was given up than a listing needs to know what is settled."""
        return max(self._remember, KEEP_ASIDE) if file.state is FileState.SET_ASIDE else self._remember

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
        """Decide whether a file is settled, and if not, when it is read again: after as long as it has waited already.

        Content that is damaged mostly stays so, but it may have been read while it was written: half an hour later it
        is set aside. A store that refuses or does not answer may be mended within a day. A file that is gone is
        settled.
        """
        now = self._clock()
        gone = isinstance(report.error, NotFound)
        unreachable = report.error is not None and not gone
        attempts = before.attempts + int(report.damaged and report.error is None)
        state = FileState.DONE
        if not gone and (unreachable or report.damaged):
            waited_long = unreachable and now - before.first_seen_at >= PATIENCE
            state = FileState.SET_ASIDE if waited_long or attempts >= MOST_ATTEMPTS else FileState.FAILED
        error = "was deleted before it was read" if gone else str(report.error or report.problem)[:_LONGEST_ERROR]
        return msgspec.structs.replace(
            before,
            state=state,
            attempts=attempts,
            unreachable=unreachable,
            error=error,
            noted_at=now if error else None,
            due_at=now + _gap(now - before.first_seen_at) if state is FileState.FAILED else None,
        )


def _gap(waited: timedelta) -> timedelta:
    """Wait as long again as was waited.

    >>> _gap(timedelta(0)).seconds, _gap(timedelta(minutes=4)).seconds, _gap(timedelta(hours=9)).seconds
    (60, 240, 3600)
    """
    return min(max(waited, _SHORTEST_GAP), _LONGEST_GAP)


def total(tallies: Iterable[TrailTally]) -> TrailTally:
    """Add tallies up; of times the last one counts.

    >>> total([TrailTally(files_read=1), TrailTally(files_read=2)]).files_read
    3
    """
    result = TrailTally()
    for one in tallies:
        result = TrailTally(
            files_read=result.files_read + one.files_read,
            files_set_aside=result.files_set_aside + one.files_set_aside,
            records_kept=result.records_kept + one.records_kept,
            last_read_at=one.last_read_at or result.last_read_at,
        )
    return result
