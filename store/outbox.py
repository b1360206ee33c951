"""Cards on their way to Slack."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from pymongo import UpdateOne

from engine.errors import NotFound
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.delivery import Delivery, DeliveryState
from store.codec import clean, decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System
from store.system.claims import claim, claimable, claimed

_OPEN = [DeliveryState.PENDING.value, DeliveryState.UNCERTAIN.value]
_GIVEN_UP_OR_IN_DOUBT = [DeliveryState.DEAD.value, DeliveryState.UNCERTAIN.value]
_ON_ITS_WAY = [DeliveryState.PENDING.value, DeliveryState.SENDING.value]


class Outbox:
    """The collection ``outbox``: one row for each anomaly that has, or is to have, a card."""

    def __init__(self, database: Database, system: System) -> None:
        self._outbox = database.outbox
        self._system = system

    async def claim_due(
        self, now: datetime, lease_seconds: float, without: Collection[str] = ()
    ) -> tuple[str, Delivery] | None:
        """Take the (tenant id, delivery) that is due longest, or one whose sender died; ``without`` these tenants'.

        The row is returned as it was (a dead sender's row still says SENDING), but with the number of this claim. It is
        SENDING until the lease ends.
        """
        return await self._system.claim_due_delivery(now, lease_seconds, without)

    @translated
    async def claim_one(self, tenant_id: str, anomaly_id: str, now: datetime, lease_seconds: float) -> Delivery | None:
        """Take this anomaly's delivery, as ``claim_due`` would, or None when it is not due or somebody has it."""
        query = within(tenant_id, anomaly_id=anomaly_id, **claimable(now))
        document = await self._outbox.find_one_and_update(query, claim(now, lease_seconds))
        return claimed(Delivery, document) if document else None

    @translated
    async def save_delivery(self, tenant_id: str, delivery: Delivery) -> bool:
        """Write what the sender found out and release the claim; ``wanted`` keeps the higher value.

        A row that was to be SENT is PENDING and due at once when its anomaly changed while it was sent. Nothing is
        written, and False returned, when somebody else has claimed it since. Raises NotFound.
        """
        row = within(tenant_id, anomaly_id=delivery.anomaly_id, claims=delivery.claims)
        changes = {**encode(tenant_id, delivery), "claimed_until": None}
        del changes["trace"]  # A newer one may have come with what is wanted by now.
        wanted = {"wanted": changes.pop("wanted")}
        if delivery.state is DeliveryState.SENT:
            settled = {**row, "wanted": {"$lte": delivery.shown}}
            if (await self._outbox.update_one(settled, {"$set": changes})).matched_count:
                return True
            # What is wanted only ever grows, so nothing can make the row sent now; it was due when it was claimed.
            changes["state"] = DeliveryState.PENDING.value
            del changes["due_at"]
        if (await self._outbox.update_one(row, {"$set": changes, "$max": wanted})).matched_count:
            return True
        if not await self._outbox.count_documents(within(tenant_id, anomaly_id=delivery.anomaly_id)):
            raise NotFound(f"There is no delivery of anomaly {delivery.anomaly_id!r}.")
        return False

    @translated
    async def find_stuck(self, tenant_id: str, held_before: datetime) -> list[Delivery]:
        """Deliveries that are dead, uncertain, failed at least once and not yet sent, or held since before then.

        Oldest first.
        """
        failed = {"state": {"$in": _ON_ITS_WAY}, "attempts": {"$gte": 1}}
        held = {"state": DeliveryState.SENDING.value, "claimed_at": {"$lt": held_before}}
        query = within(tenant_id, **{"$or": [{"state": {"$in": _GIVEN_UP_OR_IN_DOUBT}}, failed, held]})
        return await find_all(self._outbox, Delivery, query, sort={"created_at": OLDEST_FIRST})

    @translated
    async def find_delivery(self, tenant_id: str, anomaly_id: str) -> Delivery | None:
        """Return the delivery of an anomaly's card, or None when it never had one."""
        document = await self._outbox.find_one(within(tenant_id, anomaly_id=anomaly_id))
        return decode(Delivery, document) if document else None

    @translated
    async def find_held(self, tenant_id: str, held_for: str, limit: int) -> list[str]:
        """The ids of the anomalies whose cards were held back for this message, oldest first."""
        query = within(tenant_id, held_for=held_for)
        rows = self._outbox.find(query, {"anomaly_id": 1}, sort=[("created_at", OLDEST_FIRST)], limit=limit)
        return [row["anomaly_id"] async for row in rows]

    @translated
    async def count_held(self, tenant_id: str, held_for: str) -> int:
        """How many cards were held back for this message."""
        return await self._outbox.count_documents(within(tenant_id, held_for=held_for))

    @translated
    async def count_held_since(self, tenant_id: str, since: datetime) -> int:
        """How many cards of anomalies since then are held back now, whatever message stands for them."""
        query = within(tenant_id, state=DeliveryState.HELD.value, created_at={"$gte": since})
        return await self._outbox.count_documents(query)

    @translated
    async def find_held_now(self, tenant_id: str, anomaly_ids: Collection[str]) -> frozenset[str]:
        """Those of these anomalies that have no card, because it is held back."""
        named = {"$in": [clean(one) for one in anomaly_ids]}
        query = within(tenant_id, state=DeliveryState.HELD.value, anomaly_id=named)
        return frozenset([row["anomaly_id"] async for row in self._outbox.find(query, {"anomaly_id": 1})])

    async def make_steps_due(self, now: datetime, limit: int) -> int:
        """Make sent cards of all tenants due whose ``steps_at`` has come, longest ago first; return how many."""
        return await self._system.make_steps_due(now, limit)

    @translated
    async def hasten_waiting(self, tenant_id: str, now: datetime) -> None:
        """Let what failed before, and waits for another try, be tried at once; what Slack told to wait still waits."""
        throttled = {"error": {"$not": {"$regex": "ratelimited"}}}
        failed = within(tenant_id, state={"$in": _OPEN}, attempts={"$gte": 1}, claimed_until=None, **throttled)
        await self._outbox.update_many(failed, {"$set": {"due_at": now}})

    @translated
    async def requeue_dead(self, tenant_id: str, now: datetime) -> int:
        """Make dead deliveries pending again (the channel or token works again); return how many."""
        anew = {"state": DeliveryState.PENDING.value, "due_at": now, "attempts": 0, "error": "", "claimed_until": None}
        result = await self._outbox.update_many(within(tenant_id, state=DeliveryState.DEAD.value), {"$set": anew})
        return result.modified_count


def bumps(tenant_id: str, anomalies: Iterable[Anomaly], now: datetime, trace: str = "") -> list[UpdateOne]:
    """Return the writes that make the cards of changed anomalies due, in the trace of what changed them.

    An alert gets its row here, other anomalies only move the one they have. A dead delivery stays dead; one that was
    held back is asked again when its incident grows. Webhooks are still to be told then.
    """
    return [write for anomaly in anomalies for write in _bump(tenant_id, anomaly, now, trace)]


def _bump(tenant_id: str, anomaly: Anomaly, now: datetime, trace: str) -> Iterator[UpdateOne]:
    row = within(tenant_id, anomaly_id=anomaly.anomaly_id)
    wanted = {"$max": {"wanted": anomaly.revision}, "$set": {"untold": True, "trace": trace}}
    if anomaly.decision.kind is DecisionKind.ALERT:
        first = encode(tenant_id, _new_delivery(anomaly, now))
        del first["wanted"], first["trace"]
        yield UpdateOne(row, {"$setOnInsert": first, **wanted}, upsert=True)
    else:
        yield UpdateOne(row, wanted)
    if anomaly.decision.kind is DecisionKind.ALERT and anomaly.status is AnomalyStatus.OPEN:
        held = {**row, "state": DeliveryState.HELD.value}
        yield UpdateOne(held, {"$set": {"state": DeliveryState.PENDING.value, "due_at": now}})
    outdated = {**row, "state": DeliveryState.SENT.value, "shown": {"$lt": anomaly.revision}}
    yield UpdateOne(outdated, {"$set": {"state": DeliveryState.PENDING.value, "due_at": now}})


def _new_delivery(anomaly: Anomaly, now: datetime) -> Delivery:
    return Delivery(
        anomaly_id=anomaly.anomaly_id,
        account_id=anomaly.account_id,
        channel_id="",  # The sender looks up the tenant's channel when it posts: it may be another one by then.
        state=DeliveryState.PENDING,
        wanted=anomaly.revision,
        due_at=now,
        created_at=now,
    )
