"""Where tenants' tickets go, with their tokens sealed."""

from engine.models.audit import AuditRecord
from engine.models.ticket import SealedTracker, Tracker
from store.audit import Audit
from store.codec import decode, encode, within
from store.database import Database
from store.errors import translated
from store.installations import Cipher
from store.system import System
from store.transactions import Session


class Trackers:
    """The collection ``trackers``: one document for each tenant that connected one."""

    def __init__(self, database: Database, system: System, cipher: Cipher, audit: Audit) -> None:
        self._database = database
        self._system = system
        self._cipher = cipher
        self._audit = audit

    @translated
    async def save_tracker(self, tenant_id: str, tracker: Tracker, record: AuditRecord) -> None:
        """Connect a tracker in place of the last one, with a record of who did."""
        sealed = SealedTracker(
            place=tracker.place,
            token=self._cipher.seal(tracker.token, _bound_to(tenant_id)),
            connected_by=record.actor,
            connected_at=record.at,
        )

        async def write(session: Session | None) -> None:
            changes = {"$set": encode(tenant_id, sealed)}
            await self._database.trackers.update_one(within(tenant_id), changes, upsert=True, session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def find_sealed(self, tenant_id: str) -> SealedTracker | None:
        """What is connected, with its token still sealed."""
        document = await self._database.trackers.find_one(within(tenant_id))
        return decode(SealedTracker, document) if document else None

    async def find_tracker(self, tenant_id: str) -> Tracker | None:
        """What is connected, ready for use. Raises UpstreamError when its token does not open."""
        sealed = await self.find_sealed(tenant_id)
        if sealed is None:
            return None
        return self.unseal(tenant_id, sealed)

    def unseal(self, tenant_id: str, row: SealedTracker) -> Tracker:
        """Give it ready for use. Raises UpstreamError when its token does not open."""
        return Tracker(place=row.place, token=self._cipher.unseal(row.token, _bound_to(tenant_id)))

    @translated
    async def delete_tracker(self, tenant_id: str, record: AuditRecord) -> None:
        """Forget the tenant's tracker and its token, with a record of who wanted that."""

        async def write(session: Session | None) -> None:
            await self._database.trackers.delete_one(within(tenant_id), session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    async def find_outdated(self) -> list[tuple[str, SealedTracker]]:
        """(tenant id, tracker as it is stored) of all whose token an older key sealed."""
        everything = await self._system.find_all_trackers()
        return [(tenant_id, row) for tenant_id, row in everything if not self._cipher.is_current(row.token)]

    @translated
    async def reseal(self, tenant_id: str, row: SealedTracker) -> bool:
        """Seal with the newest key; False when the row changed meanwhile, which leaves the change alone."""
        token = self.unseal(tenant_id, row).token
        anew = {"$set": {"token": self._cipher.seal(token, _bound_to(tenant_id))}}
        as_read = within(tenant_id, token=row.token)
        return bool((await self._database.trackers.update_one(as_read, anew)).matched_count)


def _bound_to(tenant_id: str) -> str:
    return f"trackers/{tenant_id}/token"
