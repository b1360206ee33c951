"""Roles for pages and programs that ask again and again: Slack is asked once a minute for each person at most."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from engine.errors import NotFound, UpstreamError
from engine.models.account import Role
from services.sessions import RoleOf

_log = logging.getLogger(__name__)
_SECONDS = 60.0
_MOST = 10_000

IsGone = Callable[[str, str], Awaitable[bool]]


class RememberedRoles:
    """While Slack does not answer, what was known of somebody holds; who is not known yet is a responder.

    ``is_gone`` says whether somebody's Slack account was deactivated: they have no role, whatever was set.
    """

    def __init__(self, find_role: RoleOf, is_gone: IsGone, monotonic: Callable[[], float]) -> None:
        self._find_role = find_role
        self._is_gone = is_gone
        self._monotonic = monotonic
        self._known: OrderedDict[tuple[str, str], tuple[Role | None, float]] = OrderedDict()

    async def find_role(self, tenant_id: str, user_id: str) -> Role:
        """The role of somebody from Slack. Raises NotFound for a tenant, or a person, who is gone."""
        who = (tenant_id, user_id)
        role, until = self._known.get(who, (Role.RESPONDER, 0.0))
        now = self._monotonic()
        if now >= until:
            role = await self._ask(tenant_id, user_id, role)
            self._known[who] = (role, now + _SECONDS)
            self._known.move_to_end(who)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        if role is None:
            raise NotFound("Whoever this was has no Slack account in this workspace any more.")
        return role

    async def _ask(self, tenant_id: str, user_id: str, known: Role | None) -> Role | None:
        """None for who is gone, until Slack says otherwise."""
        role = known
        try:
            role = await self._find_role(tenant_id, user_id)
            return None if await self._is_gone(tenant_id, user_id) else role
        except UpstreamError as error:
            _log.warning("tenant %s: the role of %s could not be asked: %s", tenant_id, user_id, error)
        return role if known else None
