"""Browsers that signed in."""

from engine.models.session import Session
from store.codec import decode, encode, within
from store.database import Database
from store.errors import translated


class Sessions:
    """The collection ``sessions``. It holds no secret, only its hash; rows go when they end."""

    def __init__(self, database: Database) -> None:
        self._sessions = database.sessions

    @translated
    async def insert_session(self, tenant_id: str, session: Session) -> None:
        """Keep a browser that has just signed in."""
        await self._sessions.insert_one(encode(tenant_id, session))

    @translated
    async def find_session(self, tenant_id: str, session_id: str) -> Session | None:
        """The session with this hash."""
        document = await self._sessions.find_one(within(tenant_id, session_id=session_id))
        return decode(Session, document) if document else None

    @translated
    async def delete_session(self, tenant_id: str, session_id: str) -> None:
        """Sign a browser out."""
        await self._sessions.delete_one(within(tenant_id, session_id=session_id))

    @translated
    async def delete_sessions_of(self, tenant_id: str, user_id: str) -> int:
        """Sign somebody out everywhere; gives of how many browsers."""
        return (await self._sessions.delete_many(within(tenant_id, user_id=user_id))).deleted_count
