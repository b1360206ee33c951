"""People with passwords of ours: made, changed and removed by whoever runs the bot."""

import asyncio
from collections.abc import Sequence

from engine.errors import InputError
from engine.models.account import Role
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.session import User
from services.ports.injected import Clock, NewId
from services.ports.sign_in import Passwords, Sessions, Users
from services.sign_ins import LOCAL

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 1000
_LONGEST_NAME = 100


class UserAdmin:
    """Every change is in the tenant's audit log; a new password signs its owner out everywhere."""

    def __init__(self, *, users: Users, sessions: Sessions, passwords: Passwords, clock: Clock, new_id: NewId) -> None:
        self._users = users
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._new_id = new_id

    async def save(self, tenant_id: str, name: str, password: str, role: Role) -> User:
        """Add somebody, or give them another password and role. Raises InputError; Conflict for another tenant's."""
        login = name.strip().lower()
        if not login or len(login) > _LONGEST_NAME or not login.isprintable():
            raise InputError(f"A name has 1 to {_LONGEST_NAME} characters, such as maria or maria@acme.example.")
        if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
            raise InputError(f"A password has at least {SHORTEST_PASSWORD} characters.")
        found = await self._users.find_login(LOCAL, login)
        known = found[1] if found is not None and found[0] == tenant_id else None
        user = User(
            user_id=known.user_id if known else self._new_id(),
            issuer=LOCAL,
            subject=login,
            name=name.strip(),
            role=role,
            password_hash=await asyncio.to_thread(self._passwords.hash, password),
            created_at=known.created_at if known else self._clock(),
        )
        record = self._record(AuditAction.USER_SAVED, {"user": user.user_id, "name": login, "role": role.value})
        await self._users.save_user(tenant_id, user, record)
        await self._sessions.delete_sessions_of(tenant_id, user.user_id)
        return user

    async def find_all(self, tenant_id: str) -> Sequence[User]:
        """All who ever signed in or were added, oldest first."""
        return await self._users.find_users(tenant_id)

    async def remove(self, tenant_id: str, name: str) -> None:
        """Forget somebody and end their sessions. Raises InputError where there is none."""
        found = await self._users.find_login(LOCAL, name.strip().lower())
        if found is None or found[0] != tenant_id:
            raise InputError(f"There is no user {name!r} with a password. `dd0c users list` shows who there is.")
        record = self._record(AuditAction.USER_DELETED, {"user": found[1].user_id})
        await self._users.delete_user(tenant_id, found[1].user_id, record)

    def _record(self, action: AuditAction, details: dict[str, str | int]) -> AuditRecord:
        return AuditRecord(at=self._clock(), action=action, actor=OPERATOR, details=details)
