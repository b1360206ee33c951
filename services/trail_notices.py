"""New log files named by a queue: the same files, read the same way, minutes sooner than by listing."""

import logging
from collections.abc import Mapping, Sequence

from engine.errors import InputError
from engine.models.trail import FileState, TrailAccount, TrailObject, TrailRow
from services.notice_bodies import NamedFile, parse_notice
from services.ports import TrailMessage, TrailNotices, Trails
from services.trail_files import TrailFiles, listed
from services.trail_reader import Trail

_log = logging.getLogger(__name__)
_MOST_ROUNDS = 100


class TrailNoticeReader:
    """Reads what the queue names. A message comes again until the store gave all its files.

    A damaged one is in the books by then, and is read again by them.
    """

    def __init__(
        self, *, trails: Sequence[Trail], notices: TrailNotices | None, files: TrailFiles, rows: Trails
    ) -> None:
        self._trails = trails
        self._notices = notices
        self._files = files
        self._rows = rows

    async def read_notices(self) -> None:
        """Work the queue off, for a while. Raises UpstreamError when the queue or the database is away."""
        if self._notices is None:
            return
        known = {account.account_id: account for account in await self._rows.find_accounts()}
        for _ in range(_MOST_ROUNDS):
            messages = await self._notices.receive()
            if not messages:
                return
            for message in messages:
                if await self._is_settled(message, known):
                    await self._notices.delete(message.receipt)

    async def _is_settled(self, message: TrailMessage, known: Mapping[str, TrailAccount]) -> bool:
        try:
            named = parse_notice(message.body)
        except InputError as error:
            _log.warning("a message was dropped: %s", error)
            return True
        return all([await self._take(one, known) for one in named])

    async def _take(self, named: NamedFile, known: Mapping[str, TrailAccount]) -> bool:
        """Whether the file needs no more; digests, other trails' files and unknown accounts' never did.

        Listing names the accounts that are not connected, and finds their files when they are.
        """
        trail = next((one for one in self._trails if _holds(one, named)), None)
        if trail is None:
            return True
        key = named.key.removeprefix(f"{trail.prefix}/") if trail.prefix else named.key
        one = listed(trail, TrailObject(key, named.etag))
        account = known.get(one.key.account_id) if one else None
        if one is None or account is None:
            return True
        before = await self._files.find_known([one])
        outcome = await self._files.take(trail, one, before.get(one.file_id), account)
        row = TrailRow(trail=trail.name, folder=one.key.folder, account_id=account.account_id, region=one.key.region)
        await self._rows.count_files(row, outcome.tally)
        return outcome.state is not FileState.FAILED or not outcome.unreachable


def _holds(trail: Trail, named: NamedFile) -> bool:
    return bool(trail.bucket) and named.bucket == trail.bucket and named.key.startswith(trail.prefix)
