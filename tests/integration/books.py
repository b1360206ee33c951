"""A look into the bot's database from outside, beside the bot."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from demo.aws_account import world as aws_world
from demo.aws_account.records import Record

PATIENCE_SECONDS = 180.0
_OF_ONE_BOT = ("_id", "tenant_id", "version")
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_NEVER = datetime(2999, 1, 1, tzinfo=UTC)


class Books:
    """Reads what is stored, waits until it is settled (for ``patience`` seconds at most), and lets time pass."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.patience = PATIENCE_SECONDS

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until something is true of the database."""
        try:
            async with asyncio.timeout(self.patience):
                done = await holds()
                while not done:
                    await asyncio.sleep(0.1)
                    done = await holds()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen in {self.patience:.0f} s: {await self._state()}") from None

    async def _state(self) -> object:
        rows = [row async for row in self.database.outbox.find({}, {"_id": 0, "tenant_id": 0})]
        accounts = [row async for row in self.database.accounts.find({}, {"status": 1, "status_detail": 1})]
        return accounts, rows

    async def until_watched(self) -> None:
        """The history is learned."""

        async def watched() -> bool:
            return bool(await self.database.accounts.count_documents({"status": "active"}))

        await self.until(watched, "learning the history")

    async def until_told(self) -> None:
        """The message that follows a new account says that it is watched, and is not repainted any more."""

        async def told() -> bool:
            return bool(await self.database.posts.count_documents({"content.is_done": True, "state": "sent"}))

        await self.until(told, "telling that the account is watched")

    async def until_read(self, records: Sequence[Record]) -> None:
        """The effects of these launches and ends are committed."""
        wanted = {one["eventID"] for one in records if "errorCode" not in one}

        async def read() -> bool:
            return wanted <= set(await self.database.cost_events.distinct("event_id"))

        await self.until(read, "reading the records")

    async def until_settled(self) -> None:
        """Every card shows what is true, and every verdict is learned."""

        async def settled() -> bool:
            unsent = {"$or": [{"state": {"$ne": "sent"}}, {"$expr": {"$gt": ["$wanted", "$shown"]}}]}
            unlearned = await self.database.verdicts.count_documents({"learned": False})
            return not unlearned and not await self.database.outbox.count_documents(unsent)

        await self.until(settled, "delivering and learning")

    async def let_time_pass(self) -> None:
        """Move what waits for a dead process's lease, or for a pause to end, into the past."""
        claimed = {"claimed_until": {"$ne": None}}
        await self.database.outbox.update_many(claimed, {"$set": {"claimed_until": _LONG_AGO}})
        await self.database.leases.update_many({}, {"$set": {"expires_at": _LONG_AGO}})
        earlier = {"$set": {"at": datetime.now(UTC) - timedelta(minutes=5)}}
        await self.database.verdicts.update_many({"learned": False}, earlier)

    async def hold_for_ever(self) -> None:
        """Let what somebody holds never end by itself."""
        held = [
            await self.database.outbox.update_many(
                {"claimed_until": {"$ne": None}}, {"$set": {"claimed_until": _NEVER}}
            ),
            await self.database.leases.update_many({}, {"$set": {"expires_at": _NEVER}}),
        ]
        assert all(result.modified_count for result in held)

    async def baseline(self) -> dict[str, Any]:
        """What was learned, comparable between two bots."""
        (document,) = [row async for row in self.database.baselines.find()]
        return {name: _by_key(value) for name, value in document.items() if name not in _OF_ONE_BOT}

    async def count(self, collection: str) -> int:
        return int(await self.database[collection].count_documents({}))


def _by_key(value: Any) -> Any:
    """Maps are stored as lists of keys and values, in the order in which the keys came."""
    is_map = isinstance(value, list) and all(isinstance(row, dict) and row.keys() == {"key", "value"} for row in value)
    return {row["key"]: row["value"] for row in value} if is_map else value


@asynccontextmanager
async def open_books(uri: str, database: str) -> AsyncIterator[Books]:
    """The books in a database; whose mongod it is throws it away."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    try:
        yield Books(client[database])
    finally:
        client.close()


class Plot:
    """The records of one story, made once, so that two bots can live through the very same one.

    All of it lies some minutes back: late records are what CloudTrail delivers anyway.
    """

    def __init__(self) -> None:
        self.begins = datetime.now(UTC) - timedelta(minutes=5)
        self.deploy = aws_world.normal_deploy(self._after(30), aws_world.history(self.begins))
        self.stolen = aws_world.leaked_key(self._after(60))
        self.slip = aws_world.typo_count(self._after(90))
        self.again = aws_world.same_launch_again(self._after(120))
        self.stop = aws_world.stop(self.stolen, self._after(150))

    def _after(self, seconds: float) -> datetime:
        return self.begins + timedelta(seconds=seconds)

    def clock(self) -> datetime:
        """When the account's history ends."""
        return self.begins
