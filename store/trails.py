"""How far trails were read: collections of the installation, because one trail may feed many tenants."""

from collections.abc import Sequence
from datetime import datetime

from engine.models.account import AccountStatus
from engine.models.trail import TrailAccount, TrailFile, TrailRow, TrailTally
from store.codec import SCHEMA_VERSION, Document, clean, decode, plain
from store.database import Database, find_all
from store.errors import translated

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
        query = {"status": {"$in": list(_PROVEN)}}
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
        """Add to a folder's tally; an empty ``problem`` keeps the old one."""
        counts = plain(tally)
        words = {name: counts.pop(name) for name in ("problem", "problem_at", "last_read_at")}
        changes: Document = {
            "$inc": {f"tally.{name}": count for name, count in counts.items()},
            "$set": {f"tally.{name}": word for name, word in words.items() if word},
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


def _place(row: TrailRow) -> Document:
    return {"trail": clean(row.trail), "folder": clean(row.folder)}
