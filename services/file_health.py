"""What is wrong with trails and the archive, in sentences for the status page."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from engine.models.trail import OddFiles, TrailFile, TrailRow
from services.archiving import Archiving
from services.ports import Clock, Trails

_RECENT = timedelta(days=1)
_REGIONS_NAMED = 10
_FILES_NAMED = 3
_SHOWN = 90


class FileHealth:
    """Reads; never writes."""

    def __init__(self, *, rows: Trails, archiving: Archiving | None, clock: Clock) -> None:
        self._rows = rows
        self._archiving = archiving
        self._clock = clock

    async def find_troubles(self, account_ids: Sequence[str]) -> tuple[str, ...]:
        """Name a failing archive, folders that cannot be read, and odd files by account and Region.

        Files are named as long as they are not settled; odd ones that are, for a day.
        """
        rows = await self._rows.find_account_rows(account_ids)
        unread = [_unread(row) for row in sorted(rows, key=lambda row: (row.account_id, row.region)) if row.error]
        return (*self._of_archive(), *unread, *await self._of_files(account_ids))

    def _of_archive(self) -> Iterator[str]:
        if self._archiving is not None and self._archiving.trouble:
            yield f"The archive takes no records: {self._archiving.trouble}"

    async def _of_files(self, account_ids: Sequence[str]) -> list[str]:
        """All are counted; of the Regions with the newest ones, a few are named."""
        since = self._clock() - _RECENT
        found = await self._rows.count_odd_files(account_ids, since) if account_ids else []
        texts = []
        for odd in found[:_REGIONS_NAMED]:
            latest = await self._rows.find_odd_files(odd.account_id, odd.region, since, _FILES_NAMED)
            texts.append(_odd_files(odd, latest))
        left = sum(odd.count for odd in found[_REGIONS_NAMED:])
        return [*texts, f"{left:,} files of other accounts and Regions"] if left else texts


def _unread(row: TrailRow) -> str:
    return f"{_where(row.account_id, row.region)} cannot be read: {row.error}"


def _where(account_id: str, region: str) -> str:
    return f"Log files of account {account_id}" + (f" in {region}" if region else "")


def _odd_files(odd: OddFiles, latest: Sequence[TrailFile]) -> str:
    """Count first, then name: what is cut off by a short message is the least of it."""
    counts = {"set aside": odd.set_aside, "to be read again": odd.failed, "read as far as possible": odd.settled}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    advice = " (`dd0c queue retry` reads them again)" if odd.set_aside else ""
    return f"{_where(odd.account_id, odd.region)}: {told}{advice}; latest: {'; '.join(map(_named, latest))}"


def _named(file: TrailFile) -> str:
    """A file by the end of its key, which alone says account, Region and minute.

    >>> from datetime import UTC, datetime
    >>> from engine.models.trail import FileState
    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> _named(TrailFile(file_id="1", state=FileState.FAILED, first_seen_at=at, key="AWSLogs/1/a.gz", error="is odd"))
    'a.gz: is odd'
    """
    return f"{file.key.rpartition('/')[2]}: {file.error[:_SHOWN]}"
