"""The few look-ups that span tenants, by name. No other module reads tenants' data without a tenant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from engine.models.account import AccountStatus, GovernanceMode, Tenant
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.api_key import ApiKey
from engine.models.asking import AskState
from engine.models.breaker import Breaker
from engine.models.delivery import Delivery, DeliveryState
from engine.models.home import Home
from engine.models.inbox import AsideBatch
from engine.models.installation import SlackInstallation
from engine.models.post import Post
from engine.models.resource import Resource
from engine.models.schedule import DigestRhythm
from engine.models.session import User
from engine.models.ticket import SealedTracker
from engine.models.verdict import Verdict
from engine.models.webhook import Changed, WebhookDelivery
from engine.models.work import WorkItem, WorkKind
from engine.zombies.thresholds import Thresholds
from store.codec import Document, clean, decode
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all
from store.errors import translated

RowT = TypeVar("RowT", Delivery, Post)

# A denied account is polled on, because that is how we notice that its role is back.
_POLLED = (AccountStatus.ACTIVE, AccountStatus.DENIED)
_SET_ASIDE: Document = {"set_aside": {"$gt": ""}}
_WHY = "operator_panic.why"  # A text where the operator's panic mode holds, and missing elsewhere.
_UNSENT = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN)


class System:
    """Questions of the installation as a whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translated
    async def find_tenant_by_team(self, team_id: str) -> Tenant | None:
        """Return the tenant of a Slack workspace or organisation; an empty id belongs to nobody."""
        if not team_id:
            return None
        document = await self._database.tenants.find_one({"team_id": clean(team_id)})
        return decode(Tenant, document) if document else None

    @translated
    async def find_login(self, issuer: str, subject: str) -> tuple[str, User] | None:
        """(tenant id, user) of any tenant who signs in like this."""
        query = {"issuer": clean(issuer), "subject": clean(subject)}
        document = await self._database.users.find_one(query)
        return (document["tenant_id"], decode(User, document)) if document else None

    @translated
    async def find_installations(self, slack_ids: Sequence[str]) -> list[tuple[str, SlackInstallation]]:
        """(tenant id, installation) of the workspaces and organisations with these ids."""
        return await self._find_installations({"installed_by": {"$in": [clean(slack_id) for slack_id in slack_ids]}})

    @translated
    async def find_all_installations(self) -> list[tuple[str, SlackInstallation]]:
        """(tenant id, installation) of all; for giving them another key."""
        return await self._find_installations({"installed_by": {"$gt": ""}})

    @translated
    async def find_all_trackers(self) -> list[tuple[str, SealedTracker]]:
        """(tenant id, tracker) of all; for giving their tokens another key."""
        found = self._database.trackers.find({"place.kind": {"$gt": ""}})
        return [(document["tenant_id"], decode(SealedTracker, document)) async for document in found]

    async def _find_installations(self, query: Document) -> list[tuple[str, SlackInstallation]]:
        found = self._database.installations.find(query)
        return [(document["tenant_id"], decode(SlackInstallation, document)) async for document in found]

    @translated
    async def find_tenants(self, limit: int) -> list[Tenant]:
        """Some tenants with a Slack workspace: enough to see whether there is exactly one."""
        return await find_all(self._database.tenants, Tenant, {"team_id": {"$gt": ""}}, limit=limit)

    @translated
    async def find_digest_tenants(self) -> list[Tenant]:
        """All tenants that stay and want a digest."""
        wanted = {"leaving": {"$ne": True}, "digest.rhythm": {"$ne": DigestRhythm.OFF.value}}
        return await find_all(self._database.tenants, Tenant, {"team_id": {"$gt": ""}, **wanted})

    @translated
    async def find_tenant_by_account(self, account_id: str) -> str | None:
        """The id of the tenant that connected this AWS account."""
        document = await self._database.account_owners.find_one({"_id": clean(account_id)}, {"tenant_id": 1})
        return str(document["tenant_id"]) if document else None

    @translated
    async def find_due_accounts(self, proved_after: datetime | None = None) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account that is to be polled, or of those whose role was proved since."""
        return await self._find_accounts(*_POLLED, proved_after=proved_after)

    @translated
    async def find_history_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account still reading its history."""
        return await self._find_accounts(AccountStatus.LEARNING)

    @translated
    async def find_disconnecting_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account whose data is to be deleted."""
        return await self._find_accounts(AccountStatus.DISCONNECTING)

    @translated
    async def find_leaving_tenants(self) -> list[str]:
        """The ids of all tenants whose data is to be deleted."""
        found = self._database.tenants.find({"leaving": True}, {"tenant_id": 1})
        return [document["tenant_id"] async for document in found]

    @translated
    async def find_tenants_to_silence(self, by: str, why: str, limit: int) -> list[Tenant]:
        """Tenants that stay and for which the operator's panic mode does not hold, or holds with other words."""
        reason, author = clean(why), clean(by)
        other = [{_WHY: {"$ne": reason}}, {_WHY: reason, "operator_panic.by": {"$ne": author}}]
        query: Document = {"leaving": {"$ne": True}, "$or": other}
        return await find_all(self._database.tenants, Tenant, query, limit=limit)

    @translated
    async def find_tenants_in_panic(self, limit: int) -> list[Tenant]:
        """Tenants for which the operator's panic mode holds."""
        return await find_all(self._database.tenants, Tenant, {_WHY: {"$gte": ""}}, limit=limit)

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
    async def find_api_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        document = await self._database.api_keys.find_one({"digest": clean(digest)})
        return decode(ApiKey, document) if document else None

    @translated
    async def find_strict_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every watched account that is in strict mode because nobody chose another."""
        query = {"status": AccountStatus.ACTIVE.value, "mode": GovernanceMode.STRICT.value, "mode_set_by": ""}
        found = self._database.accounts.find(query, {"tenant_id": 1, "account_id": 1})
        return [(document["tenant_id"], document["account_id"]) async for document in found]

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
    async def claim_due_delivery(
        self, now: datetime, lease_seconds: float, without: Collection[str] = ()
    ) -> tuple[str, Delivery] | None:
        """Take the (tenant id, delivery) due longest until the lease ends, ``without`` those of these tenants."""
        document = await self._database.outbox.find_one_and_update(
            {**claimable(now), **_of_others(without)}, claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], claimed(Delivery, document)) if document else None

    @translated
    async def make_steps_due(self, now: datetime, limit: int) -> int:
        """Make sent cards due whose ``steps_at`` has come, longest ago first; return how many.

        What such a card shows counts as one revision behind, for the anomaly itself has not changed.
        """
        if limit <= 0:
            return 0
        due = {"state": DeliveryState.SENT.value, "steps_at": {"$lte": now}}
        found = self._database.outbox.find(due, {"_id": 1}, sort=[("steps_at", OLDEST_FIRST)], limit=limit)
        ids = [document["_id"] async for document in found]
        again = {"state": DeliveryState.PENDING.value, "due_at": now, "steps_at": None, "trace": ""}
        update = {"$set": again, "$inc": {"shown": -1}}
        return (await self._database.outbox.update_many({**due, "_id": {"$in": ids}}, update)).modified_count

    @translated
    async def claim_due_post(
        self, now: datetime, lease_seconds: float, without: Collection[str] = ()
    ) -> tuple[str, Post] | None:
        """Take the (tenant id, post) due longest until the lease ends, ``without`` those of these tenants."""
        document = await self._database.posts.find_one_and_update(
            {**_unsent(now), **_of_others(without)}, claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], claimed(Post, document)) if document else None

    @translated
    async def claim_due_webhook(self, now: datetime, lease_seconds: float) -> tuple[str, WebhookDelivery] | None:
        """Take the (tenant id, webhook's delivery) due longest until the lease ends; the row is as it was before."""
        document = await self._database.webhook_deliveries.find_one_and_update(
            _unsent(now), claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], decode(WebhookDelivery, document)) if document else None

    @translated
    async def find_untold(self, limit: int) -> list[Changed]:
        """Anomalies of all tenants, with a card, that changed since webhooks were told."""
        if limit <= 0:
            return []
        found = self._database.outbox.find({"untold": True}, limit=limit)
        return [decode(Changed, {**row, "told": row.get("told_webhooks", 0)}) async for row in found]

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
    async def find_unfinished_news(self, limit: int) -> list[tuple[str, Post]]:
        """(tenant id, post) of posts that stand in Slack and tell of an account that is not watched yet."""
        query = {"content.is_done": False, "state": DeliveryState.SENT.value}
        found = self._database.posts.find(query, limit=limit)
        return [(document["tenant_id"], decode(Post, document)) async for document in found]

    @translated
    async def claim_due_home(self, now: datetime, gap: timedelta, lease_seconds: float) -> tuple[str, Home] | None:
        """Take the (tenant id, home) due longest that was not published within ``gap``, until the lease ends."""
        document = await self._database.homes.find_one_and_update(
            claimable_home(now, gap), claim_home(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], decode(Home, document)) if document else None

    @translated
    async def release_deliveries(self) -> None:
        """Take the cards, posts and Homes of all tenants out of their senders' hands; for when all senders are dead."""
        for rows in (self._database.outbox, self._database.posts, self._database.homes):
            await rows.update_many({"claimed_until": {"$ne": None}}, {"$set": {"claimed_until": None}})

    @translated
    async def find_audited_tenants(self) -> list[str]:
        """The ids of all tenants with an audit log, also of those that are gone."""
        logs = (self._database.audit_heads, self._database.audit_log)
        found: set[str] = set()
        for collection in logs:
            rows = collection.aggregate([{"$match": {"seq": {"$gt": 0}}}, {"$group": {"_id": "$tenant_id"}}])
            found.update([row["_id"] async for row in rows])
        return sorted(found)

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
        query = {"decision.flag": clean(flag), "decision.kind": DecisionKind.LOG.value}
        found = self._database.anomalies.find(query, sort=[("detected_at", OLDEST_FIRST)], limit=limit)
        return [(document["tenant_id"], decode(Anomaly, document)) async for document in found]

    @translated
    async def count_anomalies(self, query: Document) -> int:
        """Count those of all tenants; for what the installation as a whole raises."""
        return await self._database.anomalies.count_documents(query)

    async def _find_accounts(
        self, *statuses: AccountStatus, proved_after: datetime | None = None
    ) -> list[tuple[str, str]]:
        query: Document = {"status": {"$in": [status.value for status in statuses]}}
        if proved_after is not None:
            query["role_check.checked_at"] = {"$gt": proved_after}
        if AccountStatus.DISCONNECTING not in statuses:
            query["paused_at"] = None
        found = self._database.accounts.find(query, {"tenant_id": 1, "account_id": 1})
        return [(document["tenant_id"], document["account_id"]) async for document in found]


def claimable_home(now: datetime, gap: timedelta) -> Document:
    """Return the filter for Homes that are due, free, and were not published within ``gap``."""
    return {
        "due_at": {"$lte": now},
        "$and": [
            {"$or": [{"claimed_until": None}, {"claimed_until": {"$lte": now}}]},
            {"$or": [{"published_at": None}, {"published_at": {"$lte": now - gap}}]},
        ],
    }


def claim_home(now: datetime, lease_seconds: float) -> Document:
    """Return the update that keeps others from a Home until the lease ends."""
    return {"$set": {"claimed_until": now + timedelta(seconds=lease_seconds)}}


def claim(now: datetime, lease_seconds: float) -> Document:
    """Return the update that puts a row into a sender's hands until the lease ends."""
    until = now + timedelta(seconds=lease_seconds)
    held = {"state": DeliveryState.SENDING.value, "claimed_at": now, "claimed_until": until}
    return {"$set": held, "$inc": {"claims": 1}}


def claimed(kind: type[RowT], before: Document) -> RowT:
    """Return a row as it was before a claim took it, with the number of that claim."""
    row = decode(kind, before)
    return msgspec.structs.replace(row, claims=row.claims + 1)


def claimable(now: datetime) -> Document:
    """Return what holds of a delivery that is due and in nobody's hands."""
    something_to_do = [{"state": DeliveryState.UNCERTAIN.value}, {"$expr": {"$gt": ["$wanted", "$shown"]}}]
    return {**_unsent(now), "$and": [{"$or": something_to_do}]}


def _of_others(tenant_ids: Collection[str]) -> Document:
    return {"tenant_id": {"$nin": [clean(tenant_id) for tenant_id in tenant_ids]}} if tenant_ids else {}


def _unsent(now: datetime) -> Document:
    return {
        "state": {"$in": [state.value for state in _UNSENT]},
        "due_at": {"$lte": now},
        "$or": [{"claimed_until": None}, {"claimed_until": {"$lt": now}}],
    }


def _learning(tenant_id: str, verdict: Verdict) -> WorkItem:
    return WorkItem(WorkKind.LEARN_VERDICT, tenant_id, verdict.account_id, verdict.verdict_id)
