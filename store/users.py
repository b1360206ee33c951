"""People who may sign in."""

from collections.abc import Sequence

from engine.errors import NotFound
from engine.models.audit import AuditRecord
from engine.models.session import User
from store.audit import Audit
from store.codec import decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System
from store.transactions import Session as Transaction


class Users:
    """The collection ``users``."""

    def __init__(self, database: Database, system: System, audit: Audit) -> None:
        self._database = database
        self._users = database.users
        self._system = system
        self._audit = audit

    async def find_login(self, issuer: str, subject: str) -> tuple[str, User] | None:
        """(tenant id, user) of any tenant who signs in like this."""
        return await self._system.find_login(issuer, subject)

    @translated
    async def find_user(self, tenant_id: str, user_id: str) -> User:
        """Raise NotFound when this tenant has none."""
        document = await self._users.find_one(within(tenant_id, user_id=user_id))
        if document is None:
            raise _missing(user_id)
        return decode(User, document)

    @translated
    async def find_users(self, tenant_id: str) -> list[User]:
        """All of the tenant, oldest first."""
        return await find_all(self._users, User, within(tenant_id), sort={"created_at": OLDEST_FIRST})

    @translated
    async def find_names(self, tenant_id: str, user_ids: Sequence[str]) -> dict[str, str]:
        """User id -> name, for those of the tenant who ever signed in and have a name."""
        named = within(tenant_id, user_id={"$in": list(user_ids)}, name={"$gt": ""})
        found = self._users.find(named, {"_id": 0, "user_id": 1, "name": 1})
        return {row["user_id"]: row["name"] async for row in found}

    @translated
    async def save_user(self, tenant_id: str, user: User, record: AuditRecord | None = None) -> None:
        """Insert or change, and record it with that; when they first came stays.

        Raise Conflict when somebody else signs in like this.
        """
        fields = encode(tenant_id, user)
        first = {"created_at": fields.pop("created_at")}
        row = within(tenant_id, user_id=user.user_id)

        async def write(session: Transaction | None) -> None:
            await self._users.update_one(row, {"$set": fields, "$setOnInsert": first}, upsert=True, session=session)
            if record is not None:
                await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def delete_user(self, tenant_id: str, user_id: str, record: AuditRecord | None = None) -> None:
        """Forget the user, end their sessions and record it, together. Raise NotFound."""
        row = within(tenant_id, user_id=user_id)

        async def write(session: Transaction | None) -> None:
            if not (await self._users.delete_one(row, session=session)).deleted_count:
                raise _missing(user_id)
            await self._database.sessions.delete_many(row, session=session)
            if record is not None:
                await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)


def _missing(user_id: str) -> NotFound:
    return NotFound(f"There is no user {user_id!r}.")
