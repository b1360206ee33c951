"""Look-ups over all tenants: what waits to be read, judged, learned or told again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.asking import AskState
from engine.models.breaker import Breaker
from engine.models.inbox import AsideBatch
from engine.models.resource import Resource
from engine.models.verdict import Verdict
from engine.models.work import WorkItem, WorkKind
from engine.models.zombie_ask import ZombieAsk
from engine.zombies.thresholds import Thresholds
from store.codec import Document, clean, decode
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all
from store.errors import translated

_SET_ASIDE: Document = {"set_aside": {"$gt": ""}}


class SystemFindings:
    """Batches, anomalies, verdicts, resources and breakers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translated
    async def find_waiting_batches(self, before: datetime, limit: int) -> list[WorkItem]:
        """INGEST work of all tenants for batches received before then, one item for each account."""
        if limit <= 0:
            return []
        waiting = {"set_aside": "", "received_at": {"$lt": before}}
        by_account = {"_id": {"tenant_id": "$tenant_id", "account_id": "$account_id"}}
        found = self._database.inbox.aggregate([{"$match": waiting}, {"$group": by_account}, {"$limit": limit}])
        return [WorkItem(WorkKind.INGEST, row["_id"]["tenant_id"], row["_id"]["account_id"]) async for row in found]

    @translated
    async def find_set_aside(self, limit: int) -> list[AsideBatch]:
        """Batches of all tenants that could not take effect, oldest first."""
        oldest_first = {"received_at": OLDEST_FIRST}
        return await find_all(self._database.inbox, AsideBatch, _SET_ASIDE, sort=oldest_first, limit=limit)

    @translated
    async def count_set_aside(self) -> int:
        """How many batches of all tenants could not take effect."""
        return await self._database.inbox.count_documents(_SET_ASIDE)

    @translated
    async def retry_set_aside(self, batch_ids: Sequence[str]) -> int:
        """Let the batches named, or all of them, wait for the bot again; return how many there were."""
        chosen = {"batch_id": {"$in": [clean(batch_id) for batch_id in batch_ids]}} if batch_ids else {}
        again = await self._database.inbox.update_many({**_SET_ASIDE, **chosen}, {"$set": {"set_aside": ""}})
        return again.modified_count

    @translated
    async def find_snoozed_before(self, until: datetime, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants whose snooze ended by ``until``, longest ago first."""
        if limit <= 0:
            return []
        query = {"status": AnomalyStatus.SNOOZED.value, "snoozed_until": {"$lte": until}}
        found = self._database.anomalies.find(query, sort=[("snoozed_until", OLDEST_FIRST)], limit=limit)
        return [(document["tenant_id"], decode(Anomaly, document)) async for document in found]

    @translated
    async def find_waiting_asks(self, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants about which somebody was asked and has not answered, oldest first."""
        if limit <= 0:
            return []
        query = {"asked.state": AskState.WAITING.value}
        found = self._database.anomalies.find(query, sort=[("asked.answer_by", OLDEST_FIRST)], limit=limit)
        return [(document["tenant_id"], decode(Anomaly, document)) async for document in found]

    @translated
    async def find_unlearned(self, before: datetime, limit: int) -> list[WorkItem]:
        """LEARN_VERDICT work of all tenants that was recorded before that time and not done, oldest first."""
        if limit <= 0:
            return []
        query = {"learned": False, "at": {"$lt": before}}
        found = self._database.verdicts.find(query, sort=[("at", OLDEST_FIRST)], limit=limit)
        return [_learning(document["tenant_id"], decode(Verdict, document)) async for document in found]

    @translated
    async def find_newborns(self, now: datetime, limits: Thresholds, limit: int) -> list[tuple[str, Resource]]:
        """(tenant id, resource) of all tenants that runs for hours only and is expensive, the dearest first."""
        born = {
            "$gte": now - timedelta(hours=limits.birth_until_hours),
            "$lte": now - timedelta(hours=limits.birth_hours),
        }
        query = {"running": True, "since": born, "hourly_cost": {"$gte": limits.birth_usd_an_hour}}
        dearest_first = [("hourly_cost", NEWEST_FIRST), ("resource_id", OLDEST_FIRST)]
        found = self._database.resources.find(query, sort=dearest_first, limit=limit)
        return [(document["tenant_id"], decode(Resource, document)) async for document in found]

    @translated
    async def find_zombie_thresholds(self) -> list[Mapping[str, float]]:
        """What tenants with a Slack workspace chose themselves, of those that chose anything."""
        chosen = {"team_id": {"$gt": ""}, "zombie_thresholds": {"$nin": [None, {}]}}
        rows = self._database.tenants.find(chosen, {"zombie_thresholds": 1})
        return [row["zombie_thresholds"] async for row in rows]

    @translated
    async def find_zombie_asks(self, limit: int) -> list[tuple[str, ZombieAsk]]:
        """(tenant id, ask) of all tenants that wait for what is idle, the oldest first."""
        found = self._database.zombie_asks.find({}, sort=[("asked_at", OLDEST_FIRST)], limit=limit)
        return [(document["tenant_id"], decode(ZombieAsk, document)) async for document in found]

    @translated
    async def find_breakers(self) -> list[Breaker]:
        """Those of all accounts, and of the installation, the newest first."""
        newest_first = {"opened_at": NEWEST_FIRST}
        return await find_all(self._database.flags_state, Breaker, {"flag": {"$gt": ""}}, sort=newest_first)

    @translated
    async def claim_untold_breaker(self, now: datetime, lease: timedelta, since: datetime) -> Breaker | None:
        """Take one that opened since then, is open, and of which the operator was not told, until the lease ends."""
        free = {"$or": [{"telling_until": None}, {"telling_until": {"$lte": now}}]}
        query = {"flag": {"$gt": ""}, "closed_at": None, "told_at": None, "opened_at": {"$gte": since}, **free}
        document = await self._database.flags_state.find_one_and_update(query, {"$set": {"telling_until": now + lease}})
        return decode(Breaker, document) if document else None

    @translated
    async def find_held_back(self, flag: str, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants that an open breaker kept from being told, oldest first."""
        if limit <= 0:
            return []
        query = {"decision.flag": clean(flag), "decision.kind": {"$ne": DecisionKind.ALERT.value}}
        found = self._database.anomalies.find(query, sort=[("detected_at", OLDEST_FIRST)], limit=limit)
        return [(document["tenant_id"], decode(Anomaly, document)) async for document in found]

    @translated
    async def count_anomalies(self, query: Document) -> int:
        """Count those of all tenants; for what the installation as a whole raises."""
        return await self._database.anomalies.count_documents(query)


def _learning(tenant_id: str, verdict: Verdict) -> WorkItem:
    return WorkItem(WorkKind.LEARN_VERDICT, tenant_id, verdict.account_id, verdict.verdict_id)
