"""Roles of people from Slack: who was deactivated there has none, whatever was set and whether Slack answers or not."""

import pytest

from engine.errors import NotFound, Unavailable
from engine.models.account import Role
from services.remembered_roles import RememberedRoles


class Slack:
    """Knows one person, and is away sometimes; ``now`` is in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked = 0
        self.is_away = False
        self.left = False
        self.roles = RememberedRoles(self.find_role, self.is_gone, lambda: self.now)

    async def find_role(self, _tenant_id: str, _user_id: str) -> Role:
        """An admin set it, so Slack need not answer."""
        return Role.ADMIN

    async def is_gone(self, _tenant_id: str, _user_id: str) -> bool:
        self.asked += 1
        if self.is_away:
            raise Unavailable("Slack is away.", code="away")
        return self.left

    async def look(self, after: float = 0.0) -> Role:
        self.now += after
        return await self.roles.find_role("t-1", "U1")


async def test_who_leaves_is_out_within_a_minute_and_slack_is_asked_once_in_it() -> None:
    slack = Slack()
    assert [await slack.look(), await slack.look(59)] == [Role.ADMIN] * 2
    slack.left = True
    assert (await slack.look(), slack.asked) == (Role.ADMIN, 1)
    for after in (1, 0, 61):
        with pytest.raises(NotFound):
            await slack.look(after)
    assert slack.asked == 3
    slack.left = False
    assert await slack.look(61) is Role.ADMIN


async def test_while_slack_is_away_admins_stay_and_who_left_stays_out() -> None:
    slack = Slack()
    slack.is_away = True
    assert await slack.look() is Role.ADMIN
    slack.is_away, slack.left = False, True
    with pytest.raises(NotFound):
        await slack.look(61)
    slack.is_away = True
    with pytest.raises(NotFound):
        await slack.look(61)
