"""Roles for pages and programs that ask again and again: Slack is asked once a minute for each person at most."""

import logging
from collections import OrderedDict
from collections.abc import Callable

from engine.errors import UpstreamError
from engine.models.account import Role
from services.sessions import RoleOf

_log = logging.getLogger(__name__)
_SECONDS = 60.0
_MOST = 10_000


class RememberedRoles:
    """While Slack does not answer, what was known of somebody holds; who is not known yet is a responder."""

    def __init__(self, find_role: RoleOf, monotonic: Callable[[], float]) -> None:
        self._find_role = find_role
        self._monotonic = monotonic
        self._known: OrderedDict[tuple[str, str], tuple[Role, float]] = OrderedDict()

    async def find_role(self, tenant_id: str, user_id: str) -> Role:
        """The role of somebody from Slack. Raises NotFound for a tenant that is gone."""
        who = (tenant_id, user_id)
        role, until = self._known.get(who, (Role.RESPONDER, 0.0))
        now = self._monotonic()
        if now < until:
            return role
        try:
            role = await self._find_role(tenant_id, user_id)
        except UpstreamError as error:
            _log.warning("tenant %s: the role of %s could not be asked: %s", tenant_id, user_id, error)
        self._known[who] = (role, now + _SECONDS)
        self._known.move_to_end(who)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return role
