"""All that is kept of a tenant, for whoever wants to take it along."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from pymongo.errors import PyMongoError

from store.codec import Document, within
from store.database import Database
from store.errors import translate

# Collection -> fields that are left out of it: nobody may see them again.
EXPORTED: Mapping[str, tuple[str, ...]] = {
    "tenants": (),
    "accounts": (),
    "resources": (),
    "cost_events": (),
    "baselines": (),
    "anomalies": (),
    "flags_state": (),
    "verdicts": (),
    "expectations": (),
    "snoozes": (),
    "outbox": (),
    "posts": (),
    "inbox": (),
    "users": ("password_hash",),
    "api_keys": ("digest",),
    "webhooks": ("secret",),
    "webhook_deliveries": (),
    "trackers": ("token",),
    "access_keys": ("secret",),
    "zombies": (),
    "zombie_scans": (),
    "zombie_asks": (),
    "bills": (),
    "spend_daily": (),
    "spend_tags": (),
    "budgets": (),
    "audit_log": (),
}
_AT_ONCE = 200
_OURS = ("_id", "schema_version", "tenant_id", "expires_at", "claimed_until")


class Export:
    """Reads every collection that holds a tenant's data, a few documents at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stream(self, tenant_id: str) -> AsyncGenerator[tuple[str, Document], None]:
        """(collection, document), without what is ours alone or secret. Raises UpstreamError when it breaks off."""
        try:
            for name, hidden in EXPORTED.items():
                projection: Mapping[str, Any] = dict.fromkeys((*_OURS, *hidden), 0)
                found = self._database.motor[name].find(within(tenant_id), projection, batch_size=_AT_ONCE)
                async for document in found:
                    yield name, document
        except PyMongoError as error:
            raise translate(error) from error
