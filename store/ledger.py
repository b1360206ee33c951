"""The one transaction of an account's batch."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

from pymongo import UpdateOne

from engine.account_state import AccountState, Anomalies, Changes, Loaded
from engine.models.anomaly import Anomaly
from engine.models.resource import Resource
from engine.models.verdict import Expectation, Snooze
from engine.modes import as_chosen
from store.accounts import Accounts
from store.audit import Audit
from store.baselines import Baselines
from store.codec import Document, clean, encode, within
from store.database import Database, find_all, insert_all, write_all
from store.errors import translated
from store.outbox import bumps
from store.patterns import find_running
from store.tenants import Tenants
from store.transactions import Session


class Ledger:
    """Reads and writes all that one account's batch touches.

    Cost events expire ``retention`` after they were committed, not after they happened: an event of an old history
    must stay known for as long as that history can be read again.
    """

    def __init__(
        self,
        database: Database,
        tenants: Tenants,
        accounts: Accounts,
        baselines: Baselines,
        *,
        audit: Audit,
        retention: timedelta,
    ) -> None:
        self._database = database
        self._tenants = tenants
        self._accounts = accounts
        self._baselines = baselines
        self._audit = audit
        self._retention = retention

    @translated
    async def find_known_event_ids(self, tenant_id: str, account_id: str, event_ids: Sequence[str]) -> set[str]:
        """Those of ``event_ids`` whose effects are committed."""
        query = within(tenant_id, account_id=account_id, event_id={"$in": list(event_ids)})
        found = self._database.cost_events.find(query, {"_id": 0, "event_id": 1})
        known = {document["event_id"] async for document in found}
        return {event_id for event_id in event_ids if clean(event_id) in known}

    @translated
    async def load_state(self, tenant_id: str, account_id: str, resource_ids: Sequence[str], since: datetime) -> Loaded:
        """State for a batch; raise NotFound when the tenant or its account is gone.

        It holds the named resources, the anomalies active since ``since`` or owning a named resource, and the
        expectations and snoozes in force at ``since`` or later.

        The version is read before all else. What is read after it may be newer, never older, so a change that comes
        between them ends in a Conflict at the commit.
        """
        baseline, version = await self._baselines.find(tenant_id, account_id)
        tenant, account, (resources, anomalies), expectations, snoozes = await asyncio.gather(
            self._tenants.find_tenant(tenant_id),
            self._accounts.find_account(tenant_id, account_id),
            self._find_resources_and_anomalies(tenant_id, account_id, resource_ids, since),
            self._find_expectations(tenant_id, account_id, since),
            self._find_snoozes(tenant_id, account_id, since),
        )
        expected = {kind for one in expectations if one.all_running for kind in one.resource_types}
        besides = await find_running(self._database, tenant_id, account_id, sorted(expected), resource_ids)
        state = AccountState(
            namespace=tenant_id,
            account=as_chosen(account, tenant),
            baseline=baseline,
            resources={resource.resource_id: resource for resource in resources},
            anomalies=Anomalies(anomalies),
            expectations=expectations,
            snoozes=snoozes,
            panic_mode=tenant.panic_mode,
            operator_panic=tenant.operator_panic is not None,
            running_besides=besides,
        )
        return Loaded(state, version, _missing(resource_ids, state.resources))

    @translated
    async def commit(self, tenant_id: str, loaded: Loaded, changes: Changes, now: datetime) -> None:
        """Write cost events, baseline, resources, anomalies and outbox rows of carded anomalies, all or nothing.

        Raise Conflict when the account changed since it was loaded or an event id is already there: load and judge
        again.
        """
        database = self._database
        expiry = {"expires_at": now + self._retention}
        events = [{**encode(tenant_id, event), **expiry} for event in changes.cost_events]
        new, changed = _resource_writes(tenant_id, changes.resources.values(), loaded.missing_resources)
        anomalies = _anomaly_writes(tenant_id, changes.anomalies.values())
        cards = bumps(tenant_id, changes.anomalies.values(), now, changes.trace)

        async def write(session: Session | None) -> None:
            await self._baselines.replace(tenant_id, changes.baseline, loaded.version, session)
            await insert_all(database.cost_events, events, session)
            await insert_all(database.resources, new, session)
            await write_all(database.resources, changed, session)
            await write_all(database.anomalies, anomalies, session)
            await write_all(database.outbox, cards, session)
            for record in changes.records:
                await self._audit.add(tenant_id, record, session)

        await database.transaction(write)

    async def _find_resources_and_anomalies(
        self, tenant_id: str, account_id: str, resource_ids: Sequence[str], since: datetime
    ) -> tuple[list[Resource], list[Anomaly]]:
        named = within(tenant_id, account_id=account_id, resource_id={"$in": list(resource_ids)})
        resources = await find_all(self._database.resources, Resource, named)
        owners = sorted({resource.anomaly_id for resource in resources if resource.anomaly_id})
        concerned: list[Document] = [{"last_event_time": {"$gte": since}}, {"anomaly_id": {"$in": owners}}]
        query = within(tenant_id, account_id=account_id, **{"$or": concerned})
        return resources, await find_all(self._database.anomalies, Anomaly, query)

    async def _find_expectations(self, tenant_id: str, account_id: str, since: datetime) -> list[Expectation]:
        in_force = [{"until": None}, {"until": {"$gte": since}}]
        query = within(tenant_id, account_id=account_id, **{"$or": in_force})
        return await find_all(self._database.expectations, Expectation, query)

    async def _find_snoozes(self, tenant_id: str, account_id: str, since: datetime) -> list[Snooze]:
        query = within(tenant_id, account_id=account_id, until={"$gte": since})
        return await find_all(self._database.snoozes, Snooze, query)


def _missing(resource_ids: Sequence[str], found: Mapping[str, Resource]) -> frozenset[str]:
    return frozenset(resource_id for resource_id in resource_ids if clean(resource_id) not in found)


def _resource_writes(
    tenant_id: str, resources: Iterable[Resource], missing: Set[str]
) -> tuple[list[Document], list[UpdateOne]]:
    """Split into those to insert and those to update, for an insert is by far the cheaper one for MongoDB.

    What was not asked for may be there or not; should somebody insert what was missing, that is a Conflict.
    """
    new, changed = [], []
    for resource in resources:
        document = encode(tenant_id, resource)
        if resource.resource_id in missing:
            new.append(document)
        else:
            key = within(tenant_id, account_id=resource.account_id, resource_id=resource.resource_id)
            changed.append(UpdateOne(key, {"$set": document}, upsert=True))
    return new, changed


def _anomaly_writes(tenant_id: str, anomalies: Iterable[Anomaly]) -> list[UpdateOne]:
    return [
        UpdateOne(within(tenant_id, anomaly_id=anomaly.anomaly_id), {"$set": encode(tenant_id, anomaly)}, upsert=True)
        for anomaly in anomalies
    ]
