"""Who asked to have idle resources looked for, and was not told yet."""

from engine.models.zombie_ask import ZombieAsk
from store.codec import encode, within
from store.database import Database, find_all
from store.errors import translated


class ZombieAsks:
    """The collection ``zombie_asks``: rows that live for minutes."""

    def __init__(self, database: Database) -> None:
        self._asks = database.zombie_asks

    @translated
    async def insert_ask(self, tenant_id: str, ask: ZombieAsk) -> None:
        """Note it; one of that id that is there already stays as it is."""
        row = within(tenant_id, ask_id=ask.ask_id)
        await self._asks.update_one(row, {"$setOnInsert": encode(tenant_id, ask)}, upsert=True)

    @translated
    async def find_asks(self, tenant_id: str, user_id: str) -> list[ZombieAsk]:
        """What one person waits for."""
        return await find_all(self._asks, ZombieAsk, within(tenant_id, user_id=user_id))

    @translated
    async def delete_ask(self, tenant_id: str, ask_id: str) -> None:
        """Forget it: they were told."""
        await self._asks.delete_one(within(tenant_id, ask_id=ask_id))
