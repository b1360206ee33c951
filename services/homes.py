"""App Homes: published when somebody opens theirs, and again when what they show has changed.

Nothing has to be told that a Home is out of date. Whoever opened theirs lately is looked at again and again, what is
known is compared with what was published, and only a difference is published: no change is lost with a process.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import msgspec

from engine.errors import NotFound, Rejected, UpstreamError
from engine.models.home import Home
from services.home_report import HomeContent, HomeReports
from services.joining import Joined
from services.ports import Clock
from services.ports.homes import HomePublisher, HomeRows
from services.retrying import LEASE_SECONDS, next_try
from services.roles import Roles

_log = logging.getLogger(__name__)
KEEP = timedelta(days=7)
GAP = timedelta(seconds=3)  # Between two publications to the same person.
_WATCHED = timedelta(hours=2)
_LOOK = timedelta(seconds=15)
_LOOK_SELDOM = timedelta(minutes=5)
_LATER = timedelta(minutes=10)
# Numbers that move by themselves, such as lag and running cost, are worth a publication no more often than this.
_STALE = timedelta(minutes=10)
_AT_ONCE = 10
_APART_SECONDS = 0.1
_CANNOT_BE = frozenset({"user_not_found", "not_enabled", "user_not_visible", "account_inactive", "invalid_auth"})


class Homes:
    """Any number of processes may publish: a Home is claimed by one of them at a time."""

    def __init__(
        self,
        *,
        rows: HomeRows,
        reports: HomeReports,
        publisher: HomePublisher,
        roles: Roles,
        clock: Clock,
        keep: timedelta = KEEP,
    ) -> None:
        """Who has not opened their Home for ``keep`` gets it published no more, until they open it again."""
        self._rows = rows
        self._reports = reports
        self._publisher = publisher
        self._roles = roles
        self._clock = clock
        self._keep = keep
        self._notes = Joined[None](_APART_SECONDS)
        self._publications = Joined[None](_APART_SECONDS)
        self._hastenings = Joined[None](_APART_SECONDS)

    async def note_opened(self, tenant_id: str, user_id: str) -> None:
        """From here on the Home is published for certain, if not at once then by ``publish_due``.

        Who opens theirs again and again within a moment has it noted once, after the last time.
        """
        await self._notes.ask(
            (tenant_id, user_id), lambda: self._rows.open_home(tenant_id, user_id, self._clock(), self._keep)
        )

    async def hasten(self, tenant_id: str) -> None:
        """Something was changed that people may be looking at. Where that is not noted, the next look finds it."""
        try:
            await self._hastenings.ask(tenant_id, lambda: self._rows.hasten(tenant_id, self._clock()))
        except UpstreamError as error:
            _log.info("tenant %s: its Homes are looked at later: %s", tenant_id, error)

    async def publish_one(self, tenant_id: str, user_id: str) -> None:
        """Publish one Home now, if it is due and nobody else does; of many who ask for it at one moment, for all."""
        await self._publications.ask((tenant_id, user_id), lambda: self._publish_one(tenant_id, user_id))

    async def _publish_one(self, tenant_id: str, user_id: str) -> None:
        claimed = await self._rows.claim_one(tenant_id, user_id, self._clock(), GAP, LEASE_SECONDS)
        if claimed is not None:
            await self._publish_all(tenant_id, [claimed])

    async def publish_due(self, limit: int = _AT_ONCE) -> int:
        """Look at Homes that are due, at most ``limit``; tenants side by side. Gives how many were looked at."""
        claimed = [one async for one in self._claim(limit)]
        by_tenant: dict[str, list[Home]] = {}
        for tenant_id, home in claimed:
            by_tenant.setdefault(tenant_id, []).append(home)
        await asyncio.gather(*(self._publish_all(tenant_id, homes) for tenant_id, homes in by_tenant.items()))
        return len(claimed)

    async def _claim(self, limit: int) -> AsyncIterator[tuple[str, Home]]:
        for _ in range(limit):
            claimed = await self._rows.claim_due(self._clock(), GAP, LEASE_SECONDS)
            if claimed is None:
                return
            yield claimed

    async def _publish_all(self, tenant_id: str, homes: Sequence[Home]) -> None:
        """All Homes of a tenant show the same facts, so these are read once."""
        try:
            content = await self._reports.read(tenant_id)
        except NotFound:
            for home in homes:
                await self._rows.delete_home(tenant_id, home.user_id)
            return
        except Exception as error:
            _log.warning("the Homes of tenant %s are looked at later", tenant_id, exc_info=error)
            for home in homes:
                await self._rows.save_home(tenant_id, home, self._postponed(home, _LATER))
            return
        for home in homes:
            await self._attempt(tenant_id, home, content)

    async def _attempt(self, tenant_id: str, home: Home, content: HomeContent) -> None:
        try:
            after = await self._publish(tenant_id, home, content)
        except Rejected as error:
            if error.code in _CANNOT_BE:
                _log.info("tenant %s: a Home is published no more: %s", tenant_id, error)
                await self._rows.delete_home(tenant_id, home.user_id)
                return
            after = self._failed(home, error)
        except UpstreamError as error:
            after = self._failed(home, error)
        except Exception:
            _log.exception("a Home of tenant %s could not be published", tenant_id)
            after = self._postponed(home, _LATER)
        await self._rows.save_home(tenant_id, home, after)

    async def _publish(self, tenant_id: str, home: Home, content: HomeContent) -> Home:
        now = self._clock()
        shown = content.fingerprint_for(home.user_id)
        if home.shown == shown and not self._is_stale(home, now):
            return self._postponed(home, _LOOK if self._is_watched(home, now) else _LOOK_SELDOM)
        role = await self._roles.find_role(tenant_id, home.user_id)
        await self._publisher.publish(tenant_id, home.user_id, content.report_for(role))
        return msgspec.structs.replace(home, shown=shown, published_at=now, attempts=0, due_at=now + _LOOK)

    def _is_watched(self, home: Home, now: datetime) -> bool:
        return now - home.opened_at < _WATCHED

    def _is_stale(self, home: Home, now: datetime) -> bool:
        old = home.published_at is None or now - home.published_at >= _STALE
        return old and self._is_watched(home, now)

    def _failed(self, home: Home, error: UpstreamError) -> Home:
        _log.info("a Home is published later: %s", error)
        due_at = max(next_try(home.attempts, error, self._clock()), self._clock() + GAP)
        return msgspec.structs.replace(home, attempts=home.attempts + 1, due_at=due_at)

    def _postponed(self, home: Home, span: timedelta) -> Home:
        return msgspec.structs.replace(home, due_at=self._clock() + span)
