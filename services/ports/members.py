"""Who belongs to whom in Slack."""

from typing import Protocol


class Members(Protocol):
    """What Slack knows of the members of a tenant's workspace or organisation."""

    async def is_admin(self, tenant_id: str, user_id: str) -> bool:
        """Whether Slack has them for an admin or owner; False where nobody may ask."""
        ...

    async def is_of_organisation(self, tenant_id: str, team_id: str) -> bool:
        """Whether this workspace is one of those of the organisation that installed the app."""
        ...

    async def has_left(self, tenant_id: str, enterprise_id: str) -> bool:
        """Whether the tenant's workspace is not in this organisation any more; False where nobody may ask."""
        ...
