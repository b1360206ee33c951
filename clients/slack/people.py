"""Who in Slack is behind a name in AWS."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.errors import translated
from clients.slack.remembered import Remembered
from engine.errors import AccessDenied, NotFound, Rejected, Throttled, UpstreamError
from engine.models.account import Tenant
from engine.models.person import Person

_log = logging.getLogger(__name__)
_MOST_PEOPLE, _MOST_TENANTS = 10_000, 2_000
_HOUR, _DAY = 3600.0, 86_400.0
_ANSWER_SECONDS = 1.5  # A card waits no longer for a name.
_MINUTE = 60.0
_MOST_A_MINUTE = 30  # Slack allows fifty such calls a minute and workspace.
_NOBODY = frozenset({"users_not_found", "user_not_found", "user_not_visible"})

ClientFor = Callable[[str], Awaitable[AsyncWebClient]]
FindTenant = Callable[[str], Awaitable[Tenant]]


class SlackPeople:
    """Remembers what it found for a day, and whom it did not find for an hour.

    A workspace that refuses is not asked again for an hour, a slow one for a minute: cards go on without names.
    """

    def __init__(self, client_for: ClientFor, find_tenant: FindTenant, clock: Callable[[], float]) -> None:
        self._client_for = client_for
        self._find_tenant = find_tenant
        self._by_email: Remembered[tuple[str, str], Person | None] = Remembered(_MOST_PEOPLE, clock)
        self._by_id: Remembered[tuple[str, str], Person] = Remembered(_MOST_PEOPLE, clock)
        self._resting: Remembered[str, bool] = Remembered(_MOST_TENANTS, clock)
        self._spent: Remembered[tuple[str, int], int] = Remembered(_MOST_TENANTS, clock)
        self._clock = clock

    async def find_by_email(self, tenant_id: str, email: str) -> Person | None:
        """Who has this address and works here; None also where nobody may look or Slack is slow. Never raises."""
        known = self._by_email.find((tenant_id, email))
        if known is not None:
            return known[0]
        if not email or self._resting.find(tenant_id) is not None or not self._spend(tenant_id):
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                person = await self._look_up(tenant_id, email)
        except (UpstreamError, NotFound, TimeoutError) as error:
            pause = _pause_after(error)
            _log.info("tenant %s: no names from Slack for %.0f s (%s)", tenant_id, pause, type(error).__name__)
            self._resting.keep(tenant_id, True, pause)
            return None
        self._by_email.keep((tenant_id, email), person, _DAY if person else _HOUR)
        return person

    def _spend(self, tenant_id: str) -> bool:
        """Take one of the minute's look-ups; False when none is left."""
        minute = (tenant_id, int(self._clock() // _MINUTE))
        spent = (self._spent.find(minute) or (0,))[0]
        if spent >= _MOST_A_MINUTE:
            return False
        self._spent.keep(minute, spent + 1, _MINUTE)
        return True

    async def _look_up(self, tenant_id: str, email: str) -> Person | None:
        client = await self._client_for(tenant_id)
        try:
            async with translated("Looking a person up"):
                answer = await client.users_lookupByEmail(email=email)
        except Rejected as error:
            if error.code in _NOBODY:
                return None
            raise
        person = await self._read(tenant_id, answer.get("user"))
        return person if person is not None and person.may_be_asked else None

    async def fetch_person(self, tenant_id: str, user_id: str) -> Person:
        """Look a user up. Raises AccessDenied without the scope for that, NotFound for a user nobody knows."""
        known = self._by_id.find((tenant_id, user_id))
        if known is not None:
            return known[0]
        client = await self._client_for(tenant_id)
        try:
            async with translated("Looking a person up"):
                answer = await client.users_info(user=user_id)
        except Rejected as error:
            raise NotFound("Slack knows no such person.") from error
        person = await self._read(tenant_id, answer.get("user"))
        if person is None:
            raise NotFound("Slack knows no such person.")
        self._by_id.keep((tenant_id, user_id), person, _HOUR)
        return person

    async def _read(self, tenant_id: str, user: Any) -> Person | None:
        if not isinstance(user, dict) or not user.get("id"):
            return None
        home = (await self._find_tenant(tenant_id)).team_id
        profile = user.get("profile") or {}
        name = profile.get("real_name") or user.get("real_name") or user.get("name") or user["id"]
        return Person(str(user["id"]), str(name), _is_colleague(user, home), bool(user.get("deleted")))


def _is_colleague(user: dict[str, Any], home: str) -> bool:
    """Whether somebody works in this workspace or organisation, and is neither gone nor a program."""
    organisation = (user.get("enterprise_user") or {}).get("enterprise_id")
    is_from_here = home in (user.get("team_id"), organisation)
    return is_from_here and not any(user.get(flag) for flag in ("deleted", "is_bot", "is_stranger"))


def _pause_after(error: Exception) -> float:
    if isinstance(error, AccessDenied):
        return _HOUR
    if isinstance(error, Throttled):
        return max(1.0, error.retry_after or 0.0)
    return _MINUTE
