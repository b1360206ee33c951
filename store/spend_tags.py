"""What AWS bills by tags, as far as somebody asked for it."""

from datetime import datetime

from engine.models.spend import TagBill
from store.codec import encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated


class SpendTags:
    """The collection ``spend_tags``: a document for each account and key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tags = database.spend_tags

    @translated
    async def find_tag_bills(self, tenant_id: str, key: str) -> list[TagBill]:
        """What is known by this key, by account."""
        return await find_all(self._tags, TagBill, within(tenant_id, key=key), sort={"account_id": OLDEST_FIRST})

    @translated
    async def save_tag_bill(self, tenant_id: str, found: TagBill, *, forget_before: datetime) -> None:
        """Keep it in place of an older one, and forget what nobody asked for since; nothing of an account that left."""
        of_account = within(tenant_id, account_id=found.account_id)
        if await self._database.accounts.find_one(of_account, {"_id": 1}) is None:
            return
        row = {**of_account, **within(tenant_id, key=found.key)}
        await self._tags.update_one(row, {"$set": encode(tenant_id, found)}, upsert=True)
        await self._tags.delete_many(within(tenant_id, fetched_at={"$lt": forget_before}))
