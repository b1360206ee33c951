"""What people declared to be silent: expectations and snoozes."""

from collections.abc import Sequence
from datetime import datetime

from engine.audit import of_expectation
from engine.errors import NotFound
from engine.models.audit import AuditAction
from engine.models.resource import Running
from engine.models.verdict import Expectation, Snooze
from store.audit import Audit
from store.baselines import Baselines
from store.codec import Document, decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.transactions import Session

_OLDEST_FIRST = {"created_at": OLDEST_FIRST, "expectation_id": OLDEST_FIRST}
_SOONEST_FIRST = {"until": OLDEST_FIRST, "snooze_id": OLDEST_FIRST}


class Patterns:
    """The collections ``expectations`` and ``snoozes``. What a batch was judged by is judged again when they change."""

    def __init__(self, database: Database, baselines: Baselines, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._baselines = baselines

    @translated
    async def find_expectations(self, tenant_id: str, now: datetime, limit: int) -> list[Expectation]:
        """Those in force, oldest first."""
        query = within(tenant_id, **{"$or": [{"until": None}, {"until": {"$gt": now}}]})
        return await find_all(self._database.expectations, Expectation, query, sort=_OLDEST_FIRST, limit=limit)

    @translated
    async def find_snoozes(self, tenant_id: str, now: datetime, limit: int) -> list[Snooze]:
        """Those in force, that which ends soonest first."""
        query = within(tenant_id, until={"$gt": now})
        return await find_all(self._database.snoozes, Snooze, query, sort=_SOONEST_FIRST, limit=limit)

    @translated
    async def find_running(self, tenant_id: str, account_id: str, resource_types: Sequence[str]) -> dict[str, Running]:
        """Type -> how much of it runs in the account, for the types of which something does."""
        return await find_running(self._database, tenant_id, account_id, resource_types)

    @translated
    async def insert_expectation(self, tenant_id: str, expectation: Expectation) -> None:
        """Declare it from now on."""
        by, at = expectation.created_by, expectation.created_at
        record = of_expectation(expectation, AuditAction.EXPECTATION_DECLARED, by, at)

        async def write(session: Session | None) -> None:
            await self._baselines.touch(tenant_id, expectation.account_id, session)
            await self._database.expectations.insert_one(encode(tenant_id, expectation), session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def delete_expectation(self, tenant_id: str, expectation_id: str, user_id: str, now: datetime) -> Expectation:
        """Take it back on a user's word; raise NotFound when it is gone already."""

        async def write(session: Session | None) -> Expectation:
            query = within(tenant_id, expectation_id=expectation_id)
            found = await self._database.expectations.find_one_and_delete(query, session=session)
            if found is None:
                raise NotFound("That is over already.")
            await self._baselines.touch(tenant_id, found["account_id"], session)
            ended = decode(Expectation, found)
            record = of_expectation(ended, AuditAction.EXPECTATION_ENDED, user_id, now)
            await self._audit.add(tenant_id, record, session)
            return ended

        return await self._database.transaction(write)


async def find_running(
    database: Database,
    tenant_id: str,
    account_id: str,
    resource_types: Sequence[str],
    leave_out: Sequence[str] = (),
) -> dict[str, Running]:
    """Sum up by type what runs in an account, without the resources to ``leave_out``; no types cost no round trip."""
    if not resource_types:
        return {}
    query = within(
        tenant_id,
        running=True,
        account_id=account_id,
        resource_type={"$in": list(resource_types)},
        resource_id={"$nin": list(leave_out)},
    )
    sums: Document = {"_id": "$resource_type", "quantity": {"$sum": 1}, "hourly_cost": {"$sum": "$hourly_cost"}}
    found = database.resources.aggregate([{"$match": query}, {"$group": sums}])
    return {row["_id"]: Running(row["quantity"], float(row["hourly_cost"])) async for row in found}
