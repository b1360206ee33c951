"""People who sign in without Slack: added, given roles and removed by whoever runs the bot."""

import asyncio
from collections.abc import Sequence

import msgspec

from engine.errors import InputError
from engine.models.account import Role
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.session import User
from services.admission import LOCAL
from services.ports.injected import Clock, NewId
from services.ports.sign_in import Passwords, Sessions, Users

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

    async def give_role(self, tenant_id: str, name: str, role: Role) -> User:
        """Give somebody who has a password, or came by an issuer, another role. Raises InputError where there is none.

        It holds at once, also where they are signed in.
        """
        user = msgspec.structs.replace(await self._find(tenant_id, name), role=role)
        record = self._record(AuditAction.USER_SAVED, {"user": user.user_id, "name": user.subject, "role": role.value})
        await self._users.save_user(tenant_id, user, record)
        return user

    async def remove(self, tenant_id: str, name: str) -> None:
        """Forget somebody and end their sessions. Raises InputError where there is none."""
        user = await self._find(tenant_id, name)
        record = self._record(AuditAction.USER_DELETED, {"user": user.user_id})
        await self._users.delete_user(tenant_id, user.user_id, record)

    async def _find(self, tenant_id: str, name: str) -> User:
        """Who signs in by this name: with a password before all others. Roles of people from Slack are Slack's."""
        login = name.strip()
        known = [user for user in await self._users.find_users(tenant_id) if user.role is not None]
        found = [user for user in known if user.issuer == LOCAL and user.subject == login.lower()]
        found += [user for user in known if user.issuer != LOCAL and user.subject == login]
        if not found:
            raise InputError(
                f"There is no user {name!r} with a password or from an issuer. `dd0c users list` shows who there is."
            )
        return found[0]

    def _record(self, action: AuditAction, details: dict[str, str | int]) -> AuditRecord:
        return AuditRecord(at=self._clock(), action=action, actor=OPERATOR, details=details)
