"""Which tenant an operator's command is about."""

from engine.errors import InputError
from store.connect import Store


async def choose_tenant(store: Store, team: str) -> str:
    """The id of the tenant with this Slack team; without one, the only tenant there is. Raises InputError."""
    if team:
        tenant = await store.system.find_tenant_by_team(team)
        if tenant is None:
            raise InputError(f"There is no tenant with the Slack team {team!r}.")
        return tenant.tenant_id
    tenants = await store.system.find_tenants(limit=2)
    if len(tenants) != 1:
        raise InputError(
            "There are several tenants: say which with --team, the Slack team id."
            if tenants
            else "There is no tenant with a Slack workspace yet: start the bot once with `dd0c serve`, so it knows "
            "its workspace, or add the app to one."
        )
    return tenants[0].tenant_id
