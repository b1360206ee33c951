"""Who may do what, asked and changed."""

from collections.abc import Sequence

import msgspec

from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import Conflict, InvalidCommand, NotAllowed
from engine.models.account import Role, Tenant
from engine.models.audit import AuditAction, AuditRecord
from engine.models.roles import RoleReport
from engine.roles import NEEDS, Deed, has_admin, is_set, may, role_of, user_id_of
from services.joining import Joined
from services.ports import Clock, Members, Tenants

_USAGE = "Say `/dd0c settings role @somebody admin|responder|viewer`, and choose the person from the list Slack offers."
_MOST = 1000
_WORDS = 2
_APART_SECONDS = 0.01  # Everything that people do begins with this question.


class Roles:
    """Refuses who may not, and lets admins set roles."""

    def __init__(self, tenants: Tenants, members: Members, clock: Clock) -> None:
        self._tenants = tenants
        self._members = members
        self._clock = clock
        self._looks = Joined[Tenant](_APART_SECONDS)

    async def require(self, tenant_id: str, user_id: str, deed: Deed) -> None:
        """Raise NotAllowed when this user's role does not suffice."""
        tenant = await self._find(tenant_id)
        if may(role_of(tenant, user_id), deed):
            return
        if not may(await self._asked(tenant, user_id), deed):
            raise NotAllowed(_refusal(tenant, user_id, deed))

    async def find_role(self, tenant_id: str, user_id: str) -> Role:
        """The user's role. Slack is asked whether it has them for an admin where nobody set another."""
        return await self._asked(await self._find(tenant_id), user_id)

    async def _find(self, tenant_id: str) -> Tenant:
        return await self._looks.ask(tenant_id, lambda: self._tenants.find_tenant(tenant_id))

    async def _asked(self, tenant: Tenant, user_id: str) -> Role:
        if is_set(tenant, user_id):
            return role_of(tenant, user_id)
        return role_of(tenant, user_id, slack_admin=await self._members.is_admin(tenant.tenant_id, user_id))

    async def roles(self, tenant_id: str, by: str, words: Sequence[str]) -> RoleReport:
        """Show all roles that were set, or set one: ``words`` are a person and a role.

        Whoever sets the first one where no admin is known becomes one, or they would have none any more.
        Raises InvalidCommand for words that are not understood, Conflict for what would leave nobody to set roles.
        """
        if not words:
            return _report(await self._tenants.find_tenant(tenant_id))
        user_id, role = _understood(words)
        tenant = await self._tenants.find_tenant(tenant_id)
        _refuse_lockout(tenant, by, user_id, role)
        first = {} if has_admin(tenant) else {by: Role.ADMIN}
        given = {**first, user_id: role}
        await self._tenants.save_roles(tenant_id, given, self._record(by, user_id, role_of(tenant, user_id), role))
        return _report(msgspec.structs.replace(tenant, roles={**tenant.roles, **given}), user_id)

    def _record(self, by: str, user_id: str, before: Role, role: Role) -> AuditRecord:
        details = {"user": user_id, "role": role.value, "before": before.value}
        return AuditRecord(at=self._clock(), action=AuditAction.ROLE_SET, actor=by, details=details)


def _report(tenant: Tenant, changed: str = "") -> RoleReport:
    return RoleReport(installer=tenant.installer_user_id, roles=tenant.roles, changed=changed)


def _understood(words: Sequence[str]) -> tuple[str, Role]:
    user_id = user_id_of(words[0])
    if not user_id:
        raise InvalidCommand(f"{shown(words[0])} is nobody I know in this workspace. {_USAGE}")
    if len(words) != _WORDS:
        raise InvalidCommand(_USAGE)
    try:
        return user_id, Role(words[1].lower())
    except ValueError:
        near = did_you_mean(words[1], [role.value for role in Role])
        raise InvalidCommand(f"{shown(words[1])} is no role.{near} {_USAGE}") from None


def _refuse_lockout(tenant: Tenant, by: str, user_id: str, role: Role) -> None:
    """Somebody must stay who can set roles."""
    if user_id == tenant.installer_user_id and role is not Role.ADMIN:
        raise Conflict(
            f"<@{user_id}> installed dd0c and stays admin. Whoever installs the app once more takes that place."
        )
    if user_id == by and role is not Role.ADMIN:
        raise Conflict("You would lock yourself out. Make somebody else admin, and let them set your role.")
    if user_id not in tenant.roles and len(tenant.roles) >= _MOST:
        raise Conflict(f"At most {_MOST:,} people have a role of their own. All others are responders.")


def _refusal(tenant: Tenant, user_id: str, deed: Deed) -> str:
    admins = [tenant.installer_user_id, *(who for who, role in tenant.roles.items() if role is Role.ADMIN)]
    named = " or ".join(f"<@{who}>" for who in dict.fromkeys(admins[:3]) if who)
    ask = f" Ask {named}: `/dd0c settings role` gives roles." if named else ""
    return (
        f"Nothing changed: to {deed.value} takes the role {NEEDS[deed].value}, and yours is "
        f"{role_of(tenant, user_id).value}.{ask}"
    )
