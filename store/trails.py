"""How far trails were read: collections of the installation, because one trail may feed many tenants."""

from collections.abc import Sequence
from datetime import datetime

from engine.models.account import AccountStatus
from engine.models.trail import FileState, OddFiles, TrailAccount, TrailFile, TrailRow, TrailTally
from store.codec import SCHEMA_VERSION, Document, clean, decode, plain
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all
from store.errors import translated

_COUNTED_AS = {FileState.FAILED: "failed", FileState.SET_ASIDE: "set_aside", FileState.DONE: "settled"}
_ASIDE: Document = {"state": FileState.SET_ASIDE.value}
# Until its role is proven, a tenant only says that an account is its own. What comes for one that is still learning
# waits in the inbox.
_PROVEN = (AccountStatus.LEARNING.value, AccountStatus.ACTIVE.value, AccountStatus.DENIED.value)


class Trails:
    """The collections ``trails`` (a row for each folder) and ``trail_files`` (which expire)."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts
        self._rows = database.trails
        self._files = database.trail_files

    @translated
    async def find_accounts(self) -> list[TrailAccount]:
        """Every account whose role was proven, of all tenants."""
        query = {"status": {"$in": list(_PROVEN)}, "paused_at": None}
        found = self._accounts.find(query, {"tenant_id": 1, "account_id": 1, "connected_at": 1})
        return [decode(TrailAccount, document) async for document in found]

    @translated
    async def find_rows(self, trail: str) -> list[TrailRow]:
        """The rows of one trail."""
        return await find_all(self._rows, TrailRow, {"trail": clean(trail)})

    @translated
    async def find_account_rows(self, account_ids: Sequence[str]) -> list[TrailRow]:
        """The rows of these accounts in all trails."""
        return await find_all(self._rows, TrailRow, {"account_id": {"$in": [clean(one) for one in account_ids]}})

    @translated
    async def save_row(self, row: TrailRow) -> None:
        """Write a folder's cursor and error; its tally stays as it is."""
        fields = plain(row)
        del fields["tally"]
        await self._rows.update_one(_place(row), {"$set": {"schema_version": SCHEMA_VERSION, **fields}}, upsert=True)

    @translated
    async def count_files(self, row: TrailRow, tally: TrailTally) -> None:
        """Add to a folder's tally; without a time the old one stays."""
        counts = plain(tally)
        last_read_at = counts.pop("last_read_at")
        changes: Document = {
            "$inc": {f"tally.{name}": count for name, count in counts.items()},
            "$set": {"tally.last_read_at": last_read_at} if last_read_at else {},
            "$setOnInsert": {"schema_version": SCHEMA_VERSION, "account_id": row.account_id, "region": row.region},
        }
        changes = {operator: fields for operator, fields in changes.items() if fields}
        await self._rows.update_one(_place(row), changes, upsert=True)

    @translated
    async def forget_rows(self, trail: str, folders: Sequence[str]) -> None:
        """Drop the rows of these folders."""
        await self._rows.delete_many({"trail": clean(trail), "folder": {"$in": [clean(one) for one in folders]}})

    @translated
    async def find_files(self, file_ids: Sequence[str]) -> dict[str, TrailFile]:
        """What is known of these files, by id."""
        if not file_ids:
            return {}
        found = await find_all(self._files, TrailFile, {"file_id": {"$in": list(file_ids)}})
        return {file.file_id: file for file in found}

    @translated
    async def save_file(self, file: TrailFile, forget_at: datetime) -> None:
        """Write what became of a file; it may be forgotten at that time."""
        fields = {"schema_version": SCHEMA_VERSION, **plain(file), "expires_at": forget_at}
        await self._files.update_one({"file_id": file.file_id}, {"$set": fields}, upsert=True)

    @translated
    async def find_due_files(self, trail: str, now: datetime, limit: int) -> list[TrailFile]:
        """Failed files of a trail whose time has come, those due longest first."""
        query = {"trail": clean(trail), "state": FileState.FAILED.value, "due_at": {"$lte": now}}
        return await find_all(self._files, TrailFile, query, sort={"due_at": OLDEST_FIRST}, limit=limit)

    @translated
    async def forget_file(self, file_id: str) -> None:
        """Drop what is known of a file."""
        await self._files.delete_one({"file_id": file_id})

    @translated
    async def count_odd_files(self, account_ids: Sequence[str], since: datetime) -> list[OddFiles]:
        """Count files of these accounts that are not settled, or were settled oddly since then; newest Region first."""
        place = {"account_id": "$account_id", "region": "$region", "state": "$state"}
        counted = {"$group": {"_id": place, "count": {"$sum": 1}, "newest": {"$max": "$noted_at"}}}
        ids = [clean(one) for one in account_ids]
        found = self._files.aggregate([{"$match": {"account_id": {"$in": ids}, **_odd(since)}}, counted])
        regions: dict[tuple[str, str], Document] = {}
        async for row in found:
            at = row["_id"]
            region = regions.setdefault((at["account_id"], at["region"]), {"newest": row["newest"]})
            region[_COUNTED_AS[FileState(at["state"])]] = row["count"]
            region["newest"] = max(region["newest"], row["newest"])
        odd = [OddFiles(account_id=account, region=region, **fields) for (account, region), fields in regions.items()]
        return sorted(odd, key=lambda one: (one.newest, one.account_id, one.region), reverse=True)

    @translated
    async def find_odd_files(self, account_id: str, region: str, since: datetime, limit: int) -> list[TrailFile]:
        """Name the newest of those that ``count_odd_files`` counted of one Region."""
        query = {"account_id": clean(account_id), "region": clean(region), **_odd(since)}
        return await find_all(self._files, TrailFile, query, sort={"noted_at": NEWEST_FIRST}, limit=limit)

    @translated
    async def find_aside_files(self, limit: int) -> list[TrailFile]:
        """Files of all trails that were given up, oldest first."""
        return await find_all(self._files, TrailFile, _ASIDE, sort={"noted_at": OLDEST_FIRST}, limit=limit)

    @translated
    async def count_aside_files(self) -> int:
        """How many files of all trails were given up."""
        return await self._files.count_documents(_ASIDE)

    @translated
    async def retry_aside_files(self, file_ids: Sequence[str], now: datetime, forget_at: datetime) -> int:
        """Make the files named, or all of them, due as if they were new; return how many there were."""
        chosen = {"file_id": {"$in": [clean(file_id) for file_id in file_ids]}} if file_ids else {}
        anew = {"state": FileState.FAILED.value, "first_seen_at": now, "due_at": now, "attempts": 0}
        changes = {"$set": {**anew, "expires_at": forget_at}}
        return (await self._files.update_many({**_ASIDE, **chosen}, changes)).modified_count


def _odd(since: datetime) -> Document:
    unsettled: Document = {"state": {"$in": [FileState.FAILED.value, FileState.SET_ASIDE.value]}}
    return {"error": {"$gt": ""}, "$or": [unsettled, {"noted_at": {"$gte": since}}]}


def _place(row: TrailRow) -> Document:
    return {"trail": clean(row.trail), "folder": clean(row.folder)}
