"""What is wrong with trails and the archive, in sentences for the status page."""

from collections.abc import Sequence
from datetime import timedelta

from engine.models.trail import TrailRow
from services.archiving import Archiving
from services.ports import Clock, Trails

_RECENT = timedelta(days=1)


class FileHealth:
    """Reads; never writes."""

    def __init__(self, *, rows: Trails, archiving: Archiving | None, clock: Clock) -> None:
        self._rows = rows
        self._archiving = archiving
        self._clock = clock

    async def find_troubles(self, account_ids: Sequence[str]) -> tuple[str, ...]:
        """Name what keeps these accounts' files from being read, odd files of the last day, and a failing archive."""
        rows = await self._rows.find_account_rows(account_ids)
        troubles = [self._words(row) for row in sorted(rows, key=lambda row: (row.account_id, row.region))]
        if self._archiving is not None and self._archiving.trouble:
            troubles.append(f"The archive takes no records: {self._archiving.trouble}")
        return tuple(filter(None, troubles))

    def _words(self, row: TrailRow) -> str:
        where = f"Log files of account {row.account_id}" + (f" in {row.region}" if row.region else "")
        if row.error:
            return f"{where} cannot be read: {row.error}"
        at = row.tally.problem_at
        if at is not None and self._clock() - at < _RECENT:
            aside = f"; {row.tally.files_set_aside:,} set aside so far" if row.tally.files_set_aside else ""
            return f"{where}: {row.tally.problem}{aside}"
        return ""
