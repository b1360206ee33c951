"""The collections, and how to write to several of them at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import DeleteMany, DeleteOne, InsertOne, UpdateMany, UpdateOne

from store.codec import Document, StructT, decode
from store.transactions import Session, run_in_transaction

T = TypeVar("T")
Collection = AsyncIOMotorCollection[Document]
Write = InsertOne[Document] | UpdateOne | UpdateMany | DeleteOne | DeleteMany
OLDEST_FIRST = 1
NEWEST_FIRST = -1


class Database:
    """One MongoDB database by the names of its collections.

    Without ``transactions`` (an in-memory stand-in has none) the writes of a transaction simply follow each other.
    """

    def __init__(self, motor: AsyncIOMotorDatabase[Document], *, transactions: bool) -> None:
        self.motor = motor
        self._transactions = transactions
        self.tenants: Collection = motor["tenants"]
        self.accounts: Collection = motor["accounts"]
        self.account_owners: Collection = motor["account_owners"]
        self.resources: Collection = motor["resources"]
        self.cost_events: Collection = motor["cost_events"]
        self.baselines: Collection = motor["baselines"]
        self.anomalies: Collection = motor["anomalies"]
        self.verdicts: Collection = motor["verdicts"]
        self.expectations: Collection = motor["expectations"]
        self.snoozes: Collection = motor["snoozes"]
        self.outbox: Collection = motor["outbox"]
        self.posts: Collection = motor["posts"]
        self.homes: Collection = motor["homes"]
        self.inbox: Collection = motor["inbox"]
        self.api_keys: Collection = motor["api_keys"]
        self.audit_log: Collection = motor["audit_log"]
        self.audit_heads: Collection = motor["audit_heads"]
        self.flags_state: Collection = motor["flags_state"]
        self.leases: Collection = motor["leases"]
        self.card_budgets: Collection = motor["card_budgets"]
        self.channel_turns: Collection = motor["channel_turns"]
        self.installations: Collection = motor["installations"]
        self.trackers: Collection = motor["trackers"]
        self.access_keys: Collection = motor["access_keys"]
        self.seen: Collection = motor["seen"]
        self.users: Collection = motor["users"]
        self.sessions: Collection = motor["sessions"]
        self.oauth_states: Collection = motor["oauth_states"]
        self.idempotency: Collection = motor["idempotency"]
        self.webhooks: Collection = motor["webhooks"]
        self.webhook_deliveries: Collection = motor["webhook_deliveries"]
        self.bills: Collection = motor["bills"]
        self.spend_daily: Collection = motor["spend_daily"]
        self.spend_tags: Collection = motor["spend_tags"]
        self.budgets: Collection = motor["budgets"]
        self.zombies: Collection = motor["zombies"]
        self.zombie_scans: Collection = motor["zombie_scans"]
        self.zombie_asks: Collection = motor["zombie_asks"]
        self.trails: Collection = motor["trails"]
        self.trail_files: Collection = motor["trail_files"]

    async def transaction(self, work: Callable[[Session | None], Awaitable[T]]) -> T:
        """Run ``work`` with a session whose writes are committed together or not at all."""
        if self._transactions:
            return await run_in_transaction(self.motor.client, work)
        return await work(None)


async def write_all(collection: Collection, writes: Sequence[Write], session: Session | None) -> None:
    """Send the writes in one round trip, in order; MongoDB has no empty bulk write, so none is sent."""
    if writes:
        await collection.bulk_write(writes, session=session)


async def insert_all(collection: Collection, documents: Sequence[Document], session: Session | None) -> None:
    """Insert the documents in one round trip; in a transaction a failing one undoes all, so their order is free."""
    if documents:
        await collection.insert_many(documents, ordered=False, session=session)


async def find_all(
    collection: Collection,
    kind: type[StructT],
    query: Document,
    *,
    sort: Mapping[str, int] | None = None,
    skip: int = 0,
    limit: int | None = None,
) -> list[StructT]:
    """Return what matches as structs, at most ``limit`` (None: all), without the first ``skip`` of them."""
    if limit is not None and limit <= 0:
        return []  # To MongoDB a limit of 0 means all.
    cursor = collection.find(query, skip=skip, limit=limit or 0, sort=list((sort or {}).items()) or None)
    return [decode(kind, document) async for document in cursor]
