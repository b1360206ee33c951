"""What Slack knows of a workspace's members, and of an organisation's workspaces."""

from clients.slack.errors import translated
from clients.slack.notifier import ClientFor
from engine.errors import AccessDenied, Rejected

_ROLES = ("is_admin", "is_owner", "is_primary_owner")
_PAGE = 1000
_MOST_PAGES = 20


class SlackMembers:
    """Asks Slack each time: who was an admin yesterday need not be one today."""

    def __init__(self, client_for: ClientFor) -> None:
        self._client_for = client_for

    async def is_admin(self, tenant_id: str, user_id: str) -> bool:
        """Whether Slack has them for an admin or owner; False where `users:read` was not granted."""
        client = await self._client_for(tenant_id)
        try:
            async with translated("Asking Slack for a person's role"):
                answer = await client.users_info(user=user_id)
        except (AccessDenied, Rejected):
            return False
        user = answer.get("user") or {}
        return not user.get("deleted") and any(user.get(role) is True for role in _ROLES)

    async def is_gone(self, tenant_id: str, user_id: str) -> bool:
        """Whether their account was deactivated; False where the app, or its `users:read`, is not there to ask."""
        try:
            client = await self._client_for(tenant_id)
            async with translated("Asking Slack whether a person is still there"):
                answer = await client.users_info(user=user_id)
        except (AccessDenied, Rejected):
            return False
        return (answer.get("user") or {}).get("deleted") is True

    async def has_left(self, tenant_id: str, enterprise_id: str) -> bool:
        """Whether the tenant's workspace is not in this organisation any more, by what Slack says of its own token.

        False where Slack does not know that token any more.
        """
        client = await self._client_for(tenant_id)
        try:
            async with translated("Asking Slack for a workspace's organisation"):
                answer = await client.auth_test()
        except (AccessDenied, Rejected):
            return False
        return answer.get("enterprise_id") != enterprise_id

    async def is_of_organisation(self, tenant_id: str, team_id: str) -> bool:
        """Whether this workspace is among those of the organisation for which the app was approved."""
        client = await self._client_for(tenant_id)
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            try:
                async with translated("Asking Slack for the organisation's workspaces"):
                    answer = await client.auth_teams_list(limit=_PAGE, cursor=cursor)
            except (AccessDenied, Rejected):
                return False
            if any(team.get("id") == team_id for team in answer.get("teams") or []):
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False
        return False
