"""How many cards each channel has had on a day, and what was held back."""

from datetime import timedelta

from engine.errors import NotFound
from engine.models.delivery import CardPlace, Delivery, DeliveryState
from engine.models.post import Post
from store.codec import SCHEMA_VERSION, Document, encode, storable, within
from store.database import Database
from store.errors import translated
from store.posts import Posts
from store.transactions import Session

_EDIT_PAUSE = timedelta(seconds=10)


class Budgets:
    """The collection ``card_budgets``: for each channel and day the anomalies whose cards have a place."""

    def __init__(self, database: Database, posts: Posts) -> None:
        self._database = database
        self._budgets = database.card_budgets
        self._posts = posts

    @translated
    async def take(self, tenant_id: str, place: CardPlace, anomaly_id: str, most: int | None) -> bool:
        """Give an anomaly's card a place in its channel; False when ``most`` others have theirs (None: any number).

        Who asks again is given the same answer once it has its place, so that each card counts once.
        """
        row = within(tenant_id, channel_id=place.channel_id, day=place.day)
        first = {"schema_version": SCHEMA_VERSION, "anomaly_ids": [], "cards": 0}
        await self._budgets.update_one(row, {"$setOnInsert": first, "$currentDate": {"used_at": True}}, upsert=True)
        named = storable(anomaly_id)
        free: Document = {} if most is None else {"cards": {"$lt": most}}
        one_more = {"$push": {"anomaly_ids": named}, "$inc": {"cards": 1}}
        taken = await self._budgets.update_one({**row, **free, "anomaly_ids": {"$ne": named}}, one_more)
        return bool(taken.matched_count or await self._budgets.count_documents({**row, "anomaly_ids": named}))

    @translated
    async def hold(self, tenant_id: str, delivery: Delivery, summary: Post) -> bool:
        """Note that a claimed card is held back, and let the message say so that stands for it, together.

        Nothing is written, and False returned, when somebody else has claimed it since. Raises NotFound.
        """
        named = within(tenant_id, anomaly_id=delivery.anomaly_id)
        row = {**named, "claims": delivery.claims}
        changes = {**encode(tenant_id, delivery), "state": DeliveryState.HELD.value, "claimed_until": None}
        del changes["wanted"]

        async def write(session: Session | None) -> bool:
            held = await self._database.outbox.update_one(row, {"$set": changes}, session=session)
            if held.matched_count:
                await self._posts.grow(tenant_id, summary, _EDIT_PAUSE, session)
                return True
            if await self._database.outbox.count_documents(named, session=session):
                return False
            raise NotFound(f"There is no delivery of anomaly {delivery.anomaly_id!r}.")

        return await self._database.transaction(write)
