"""From a Slack workspace or organisation to the tenant."""

from engine.models.account import Tenant
from services.joining import Joined
from services.ports import SystemLookups

# Everything that comes from Slack begins with this question.
_APART_SECONDS = 0.01


class Teams:
    """Reads; never writes."""

    def __init__(self, lookups: SystemLookups) -> None:
        self._lookups = lookups
        self._looks = Joined[Tenant | None](_APART_SECONDS)

    async def find_tenant(self, slack_id: str) -> Tenant | None:
        """The tenant of a workspace or organisation; an empty id belongs to nobody."""
        if not slack_id:
            return None
        return await self._looks.ask(slack_id, lambda: self._lookups.find_tenant_by_team(slack_id))
