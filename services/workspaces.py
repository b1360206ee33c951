"""From a Slack workspace or organisation to its tenant, and the channel its alerts go to."""

import logging

import msgspec

from engine.errors import AccessDenied, Conflict, InputError, NotFound, Rejected, UpstreamError
from engine.models.account import Role, Tenant
from engine.models.audit import AuditAction, AuditRecord
from services.ports import Clock, Members, Messages, NewId, SystemLookups, Tenants, Tokens
from services.refusals import what_to_do

_log = logging.getLogger(__name__)
_RACES = 3


class Installed(msgspec.Struct, frozen=True):
    """A tenant as somebody installed the app for it, and who had for the workspace that it took over, if it did."""

    tenant: Tenant
    former_installer: str = ""


class Workspaces:
    """Makes sure that whoever the app was installed by is a tenant."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        lookups: SystemLookups,
        tokens: Tokens | None,
        messages: Messages,
        members: Members,
        new_id: NewId,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._lookups = lookups
        self._tokens = tokens
        self._messages = messages
        self._members = members
        self._new_id = new_id
        self._clock = clock

    async def adopt(self, *, team_id: str, team_name: str, alert_channel_id: str, admin_user_id: str = "") -> Tenant:
        """Find or make the tenant of a single bot token, as the settings say; a channel that they name always wins."""
        known = await self._lookups.find_tenant_by_team(team_id)
        before = known or self._new_tenant(team_id)
        tenant = msgspec.structs.replace(
            before,
            team_name=team_name,
            alert_channel_id=alert_channel_id or before.alert_channel_id,
            installer_user_id=admin_user_id,
        )
        if tenant != known:
            await self._tenants.save_tenant(tenant)
        if known is None and admin_user_id:
            await self.welcome(tenant)
        return tenant

    async def install(
        self,
        *,
        team_id: str,
        enterprise_id: str,
        team_name: str,
        alert_channel_id: str,
        installer_user_id: str,
        tenant_id: str = "",
    ) -> Installed:
        """Find or make the tenant of an installation; one that comes back while its data is deleted begins anew.

        ``team_id`` is the organisation's id where that installs as a whole, ``enterprise_id`` that of the organisation
        which a workspace is in. ``tenant_id`` is that of an admin who came to the web before Slack: theirs takes the
        workspace in, if none has it. Where one workspace of an organisation had installed the app by itself, the
        organisation takes its tenant over, with all that it knows, and the audit log says so. Raises Conflict when that
        organisation has installed the app already, and when several of its workspaces have.
        """
        if enterprise_id not in ("", team_id) and await self._staying(enterprise_id):
            raise Conflict(
                "Your organisation has installed dd0c/cost as a whole. Ask its admins to add the app to this workspace."
            )
        joining = await self._joining(enterprise_id) if team_id == enterprise_id else None
        installed = {
            "team_name": team_name,
            "alert_channel_id": alert_channel_id,
            "installer_user_id": installer_user_id,
        }
        for _ in range(_RACES):
            try:
                return await self._install(team_id, joining, tenant_id, **installed)
            except Conflict:
                _log.info("%s is installed twice at once; the one who came first has made its tenant", team_id)
        return await self._install(team_id, joining, tenant_id, **installed)

    async def _install(
        self,
        team_id: str,
        joining: Tenant | None,
        tenant_id: str,
        *,
        team_name: str,
        alert_channel_id: str,
        installer_user_id: str,
    ) -> Installed:
        before = await self._staying(team_id) or joining or await self._without_slack(tenant_id)
        before = before or self._new_tenant(team_id)
        tenant = msgspec.structs.replace(
            before,
            team_id=team_id,
            team_name=team_name,
            alert_channel_id=alert_channel_id or before.alert_channel_id,
            installer_user_id=installer_user_id,
            installed_at=self._clock(),
        )
        await self._keep_admin(before, installer_user_id)
        if before != joining:
            await self._tenants.save_tenant(tenant)
            return Installed(tenant)
        await self._tenants.save_tenant(tenant, self._takeover(before, tenant))
        return Installed(tenant, before.installer_user_id)

    async def _keep_admin(self, before: Tenant, by: str) -> None:
        """Who had installed the app was admin by that alone, and stays one when somebody else installs it again."""
        former = before.installer_user_id
        if former in ("", by) or former in before.roles:
            return
        details = {"user": former, "role": Role.ADMIN.value, "before": Role.ADMIN.value}
        record = AuditRecord(at=self._clock(), action=AuditAction.ROLE_SET, actor=by, details=details)
        await self._tenants.save_roles(before.tenant_id, {former: Role.ADMIN}, record)

    def _takeover(self, workspace: Tenant, organisation: Tenant) -> AuditRecord:
        """From now on people of all the organisation's workspaces see what the one had."""
        return AuditRecord(
            at=self._clock(),
            action=AuditAction.TENANT_TAKEN_OVER,
            actor=organisation.installer_user_id,
            details={"workspace": workspace.team_id, "organisation": organisation.team_id},
        )

    async def _joining(self, enterprise_id: str) -> Tenant | None:
        """The tenant of the workspace that was there before its organisation, if there is one and no other.

        Which organisation it is in was noted when it installed the app, and may be long past.
        """
        if await self._staying(enterprise_id):
            return None
        noted = await self._lookups.find_workspaces_of(enterprise_id)
        found = [one for one in noted if not await self._members.has_left(one.tenant_id, enterprise_id)]
        if len(found) > 1:
            names = ", ".join(sorted(one.team_name for one in found))
            raise Conflict(
                f"These workspaces of your organisation have installed dd0c/cost by themselves: {names}. The "
                "organisation can take over what one of them has. Remove the app from the others, which deletes what "
                "it knows there, and install it again."
            )
        return found[0] if found else None

    async def _without_slack(self, tenant_id: str) -> Tenant | None:
        """The tenant with this id, if it waits for its workspace."""
        try:
            tenant = await self._tenants.find_tenant(tenant_id) if tenant_id else None
        except NotFound:
            return None
        return tenant if tenant is not None and not tenant.team_id and not tenant.leaving else None

    async def _staying(self, team_id: str) -> Tenant | None:
        """The tenant that has this id. One that leaves lets go of it and of its token, which is revoked anyway."""
        tenant = await self._lookups.find_tenant_by_team(team_id)
        if tenant is None or not tenant.leaving:
            return tenant
        if self._tokens is not None:
            await self._tokens.delete_of(tenant.tenant_id)
        await self._tenants.save_tenant(msgspec.structs.replace(tenant, team_id=""))
        _log.info("tenant %s leaves, and another one takes its place", tenant.tenant_id)
        return None

    def _new_tenant(self, team_id: str) -> Tenant:
        return Tenant(tenant_id=self._new_id(), team_id=team_id, team_name="", alert_channel_id="")

    async def welcome(self, tenant: Tenant) -> None:
        """Greet who installed the app; an installation that cannot be greeted is one all the same."""
        try:
            await self._greet(tenant)
        except UpstreamError as error:
            _log.warning("tenant %s: the welcome could not be sent: %s", tenant.tenant_id, error)

    async def welcome_late(self, tenant: Tenant) -> None:
        """Greet who installed the app for an organisation before any of its workspaces had it: only now that works.

        Raises UpstreamError where Slack or the database is away.
        """
        if tenant.leaving or tenant.installer_user_id not in tenant.lost_channel_ids:
            return
        try:
            await self._greet(tenant)
        except (Rejected, AccessDenied) as error:
            _log.info("tenant %s: still nobody can be greeted: %s", tenant.tenant_id, error)

    async def _greet(self, tenant: Tenant) -> None:
        """Whoever could not be greeted counts as somebody who takes no message until they are."""
        try:
            await self._messages.welcome(tenant)
        except UpstreamError:
            await self._tenants.lose_channel(tenant.tenant_id, tenant.installer_user_id)
            raise
        await self._tenants.regain_channel(tenant.tenant_id, tenant.installer_user_id)

    async def tell_former(self, installed: Installed) -> None:
        """Tell who had installed the app for a workspace that their organisation took over what that means."""
        tenant, former = installed.tenant, installed.former_installer
        if former in ("", tenant.installer_user_id):
            return
        try:
            await self._messages.tell_takeover(tenant, former)
        except UpstreamError as error:
            _log.warning("tenant %s: %s could not be told of the takeover: %s", tenant.tenant_id, former, error)

    async def ask_for_invitation(self, tenant_id: str, webhook_url: str) -> None:
        """Ask in the channel that was picked to be invited; else the first card that cannot come there tells."""
        try:
            await self._messages.ask_for_invitation(tenant_id, webhook_url)
        except UpstreamError as error:
            _log.warning("tenant %s: the channel that was picked could not be asked: %s", tenant_id, error)

    async def choose_channel(self, tenant_id: str, channel_id: str, user_id: str) -> None:
        """Send alerts to another channel from now on, once a first message could be posted there.

        Raises InputError, with what to do, when it could not.
        """
        if not channel_id:
            raise InputError("Choose one of your channels.")
        try:
            await self._messages.try_channel(tenant_id, channel_id, user_id)
        except (Rejected, AccessDenied) as error:
            raise InputError(what_to_do(channel_id, error)) from error
        record = AuditRecord(
            at=self._clock(),
            action=AuditAction.SETTING_CHANGED,
            actor=user_id,
            details={"setting": "alert channel", "to": channel_id},
        )
        await self._tenants.save_alert_channel(tenant_id, channel_id, record)
        await self._tenants.regain_channel(tenant_id, channel_id)
