"""CloudTrail's log files as a source: listed from a cursor, or named by a queue of notices."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from engine.cloudtrail.trail_keys import ROOT, is_account, is_organisation, is_region, key_before
from engine.errors import UpstreamError
from engine.models.trail import FileState, TrailAccount, TrailObject, TrailRow, TrailTally
from services.ports import Clock, Trails
from services.trail_files import ListedFile, Outcome, TrailFiles, listed, total
from services.trail_reader import Trail

_log = logging.getLogger(__name__)
RESCAN = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(days=7)
_FOLDERS_AT_ONCE = 8
_FILES_A_TURN = 500
_MOST_UNREACHABLE = 3

Pages = AsyncGenerator[Sequence[TrailObject], None]
Known = Mapping[str, TrailAccount]


class TrailListing:
    """Finds new files by listing every Region's folder from its cursor on."""

    def __init__(self, *, trails: Sequence[Trail], files: TrailFiles, rows: Trails, clock: Clock) -> None:
        self._trails = trails
        self._files = files
        self._rows = rows
        self._clock = clock
        self._limit = asyncio.Semaphore(_FOLDERS_AT_ONCE)

    async def read_trails(self) -> None:
        """Read what is new in every trail. Raises UpstreamError when the database is away; nothing is lost then."""
        if not self._trails:
            return
        known = {account.account_id: account for account in await self._rows.find_accounts()}
        for trail in self._trails:
            await self._read_trail(trail, known)

    async def _read_trail(self, trail: Trail, known: Known) -> None:
        rows = {row.folder: row for row in await self._rows.find_rows(trail.name)}
        try:
            found = await self._find_account_folders(trail)
        except UpstreamError as error:
            for row in [rows.get("", TrailRow(trail=trail.name, folder="")), *rows.values()]:
                await self._fail(row, error)
            return
        await self._name_empty(trail, rows.get(""), found)
        await self._name_unknown(trail, rows, {at: name for at, name in found.items() if name not in known})
        # One Region after the other would wait mostly for the store.
        turns = [
            self._read_account(trail, folder, known[name], rows) for folder, name in found.items() if name in known
        ]
        for result in await asyncio.gather(*turns, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _find_account_folders(self, trail: Trail) -> dict[str, str]:
        """Folder -> account id, of a trail's own account or of all accounts of an organisation."""
        names = await trail.store.find_folders(ROOT)
        found = {f"{ROOT}{name}/": name for name in names if is_account(name)}
        for organisation in filter(is_organisation, names):
            below = await trail.store.find_folders(f"{ROOT}{organisation}/")
            found |= {f"{ROOT}{organisation}/{name}/": name for name in below if is_account(name)}
        return found

    async def _name_empty(self, trail: Trail, row: TrailRow | None, found: Mapping[str, str]) -> None:
        error = "" if found else f"There is no account's folder below {ROOT} in {trail.name}: check the address."
        before = row or TrailRow(trail=trail.name, folder="")
        if error != before.error:
            if error:
                _log.warning("%s", error)
            await self._rows.save_row(msgspec.structs.replace(before, error=error))

    async def _name_unknown(self, trail: Trail, rows: Mapping[str, TrailRow], unknown: Mapping[str, str]) -> None:
        """Name each account that nobody connected once; its files are left alone, and its rows go when it went."""
        left = [row.folder for row in rows.values() if row.region and row.account_id in set(unknown.values())]
        if left:
            await self._rows.forget_rows(trail.name, left)
        for folder, account_id in unknown.items():
            row = rows.get(folder, TrailRow(trail=trail.name, folder=folder, account_id=account_id))
            error = f"Files of account {account_id} are skipped: it is not connected."
            if row.error != error:
                _log.warning("trail %s: %s", trail.name, error)
                await self._rows.save_row(msgspec.structs.replace(row, error=error))

    async def _read_account(
        self, trail: Trail, folder: str, account: TrailAccount, rows: Mapping[str, TrailRow]
    ) -> None:
        row = rows.get(folder, TrailRow(trail=trail.name, folder=folder, account_id=account.account_id))
        try:
            async with self._limit:
                names = await trail.store.find_folders(f"{folder}CloudTrail/")
        except UpstreamError as error:
            await self._fail(row, error)
            return
        if row.error:
            await self._rows.save_row(msgspec.structs.replace(row, error=""))
        for region in filter(is_region, names):
            at = f"{folder}CloudTrail/{region}/"
            new = TrailRow(trail=trail.name, folder=at, account_id=account.account_id, region=region)
            async with self._limit:
                await self._read_region(trail, rows.get(at, new), account)

    async def _read_region(self, trail: Trail, row: TrailRow, account: TrailAccount) -> None:
        """Take every file that was delivered since an hour before the cursor; only then move the cursor."""
        turn = _Turn(row, account, self._clock())
        after = key_before(row.folder, account.account_id, row.region, turn.read_until - RESCAN)
        async with aclosing(trail.store.find_files(row.folder, after)) as pages:
            while not turn.is_over and (page := await self._next_page(trail, pages, turn)) is not None:
                await self._read_page(trail, page, account, turn)
        if turn.tallies:
            await self._rows.count_files(row, total(turn.tallies))
        if turn.row() != row:
            await self._rows.save_row(turn.row())

    async def _next_page(self, trail: Trail, pages: Pages, turn: "_Turn") -> Sequence[TrailObject] | None:
        """The store's errors belong to the folder; those of the database, which come elsewhere, do not."""
        try:
            return await anext(pages, None)
        except UpstreamError as error:
            _log.warning("trail %s: %s", trail.name, error)
            turn.error = str(error)
            return None

    async def _read_page(self, trail: Trail, page: Sequence[TrailObject], account: TrailAccount, turn: "_Turn") -> None:
        files = [one for one in (listed(trail, file) for file in page) if one is not None]
        known = await self._files.find_known(files)
        for one in files:
            turn.note(one, await self._files.take(trail, one, known.get(one.file_id), account))
            if turn.is_over:
                return

    async def _fail(self, row: TrailRow, error: UpstreamError) -> None:
        if row.error != str(error):
            _log.warning("trail %s, %s: %s", row.trail, row.folder or "as a whole", error)
            await self._rows.save_row(msgspec.structs.replace(row, error=str(error)))


class _Turn:
    """One turn in one Region's folder: what was read, and how far its cursor may go."""

    def __init__(self, row: TrailRow, account: TrailAccount, now: datetime) -> None:
        self.read_until = row.read_until or max(account.connected_at, now - FIRST_LOOK_BACK)
        self.error = ""
        self.tallies: list[TrailTally] = []
        self._row = row
        self._now = now
        self._held = False
        self._unreachable = 0

    @property
    def is_over(self) -> bool:
        """A turn ends early so that others get theirs, or because the store gives nothing."""
        return len(self.tallies) >= _FILES_A_TURN or self._unreachable >= _MOST_UNREACHABLE

    def note(self, one: ListedFile, outcome: Outcome) -> None:
        """Count a file. The cursor stays before the first one the store did not give, and not ahead of now.

        One that is damaged does not hold it: ``services/trail_retries.py`` knows when it is read again.
        """
        if outcome.tally != TrailTally():
            self.tallies.append(outcome.tally)
        if outcome.unreachable:
            self._unreachable += 1
            self.error = outcome.unreachable
        self._held = self._held or (outcome.state is FileState.FAILED and bool(outcome.unreachable))
        if not self._held:
            self.read_until = max(self.read_until, min(one.key.delivered_at, self._now))

    def row(self) -> TrailRow:
        """Give the row with its cursor and error as they are to be written."""
        return msgspec.structs.replace(self._row, read_until=self.read_until, error=self.error)
