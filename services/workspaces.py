"""The tenant of a workspace that is served with one bot token."""

import msgspec

from engine.models.account import Tenant
from services.ports import NewId, SystemLookups, Tenants


class Workspaces:
    """Makes sure that the workspace the token belongs to is a tenant."""

    def __init__(self, tenants: Tenants, lookups: SystemLookups, new_id: NewId) -> None:
        self._tenants = tenants
        self._lookups = lookups
        self._new_id = new_id

    async def adopt(self, *, team_id: str, team_name: str, alert_channel_id: str) -> Tenant:
        """Find or make the tenant, with the name and alert channel as they are now."""
        known = await self._lookups.find_tenant_by_team(team_id)
        tenant = msgspec.structs.replace(
            known or Tenant(tenant_id=self._new_id(), team_id=team_id, team_name="", alert_channel_id=""),
            team_name=team_name,
            alert_channel_id=alert_channel_id,
        )
        if tenant != known:
            await self._tenants.save_tenant(tenant)
        return tenant
