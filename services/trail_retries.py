"""Files of trails that could not be read get another try when it is due."""

import logging
from collections.abc import Mapping, Sequence

from engine.models.trail import TrailAccount, TrailFile, TrailObject, TrailRow
from services.ports import Clock, Trails
from services.trail_files import ListedFile, TrailFiles, listed
from services.trail_reader import Trail

_log = logging.getLogger(__name__)
_AT_ONCE = 50
_MOST_UNREACHABLE = 3

Known = Mapping[str, TrailAccount]


class TrailRetries:
    """Reads what listing left behind. It goes by the books, so no cursor has to wait for it."""

    def __init__(self, *, trails: Sequence[Trail], files: TrailFiles, rows: Trails, clock: Clock) -> None:
        self._trails = trails
        self._files = files
        self._rows = rows
        self._clock = clock

    async def retry_files(self) -> None:
        """Read each trail's files that are due.

        Raises UpstreamError when the database is away; nothing is lost then.
        """
        due = {trail: await self._rows.find_due_files(trail.name, self._clock(), _AT_ONCE) for trail in self._trails}
        if not any(due.values()):
            return
        known = {account.account_id: account for account in await self._rows.find_accounts()}
        for trail, files in due.items():
            await self._retry(trail, files, known)

    async def _retry(self, trail: Trail, files: Sequence[TrailFile], known: Known) -> None:
        """A store that gives nothing is not asked for every file; what is left is still due at the next turn."""
        unreachable = 0
        for file in files:
            one, account = listed(trail, TrailObject(file.key, file.etag)), known.get(file.account_id)
            if one is None or account is None:
                _log.info("trail %s, %s: is left alone, its account is not connected any more", trail.name, file.key)
                await self._rows.forget_file(file.file_id)
                continue
            unreachable += await self._take(trail, one, file, account)
            if unreachable >= _MOST_UNREACHABLE:
                return

    async def _take(self, trail: Trail, one: ListedFile, file: TrailFile, account: TrailAccount) -> bool:
        """Whether the store did not give the file."""
        outcome = await self._files.take(trail, one, file, account)
        row = TrailRow(trail=trail.name, folder=one.key.folder, account_id=file.account_id, region=one.key.region)
        await self._rows.count_files(row, outcome.tally)
        return bool(outcome.unreachable)
