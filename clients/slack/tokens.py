"""Bot tokens of all tenants: found, and rotated before they end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.errors import translated
from engine.errors import Rejected, Unavailable, UpstreamError
from engine.models.lease import Lease

_log = logging.getLogger(__name__)
_EARLY = timedelta(hours=2)
_LEASE_SECONDS = 30.0
_PAUSE_SECONDS = 0.5
_MOST_PAUSES = 20

Sleep = Callable[[float], Awaitable[None]]


class Installations(Protocol):
    """Where tokens are kept; a bot names its tenant in the custom value ``tenant_id``."""

    async def find_bot_of(self, tenant_id: str) -> Bot | None: ...

    async def async_save_bot(self, bot: Bot) -> None: ...


class Leases(Protocol):
    """Rights that one process holds at a time."""

    async def acquire(self, name: str, holder: str, seconds: float) -> Lease | None: ...

    async def release(self, lease: Lease) -> None: ...


class RotatingTokens:
    """Gives each tenant's token. One that ends within two hours is exchanged, by one process at a time.

    Slack takes a refresh token once, so two that exchange it at once would lose the installation.
    """

    def __init__(
        self,
        *,
        installations: Installations,
        leases: Leases,
        exchange: AsyncWebClient,
        client_id: str,
        client_secret: str,
        clock: Callable[[], datetime],
        holder: str,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._installations = installations
        self._leases = leases
        self._exchange = exchange
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._holder = holder
        self._sleep = sleep

    async def find(self, tenant_id: str) -> Bot:
        """The tenant's bot, with a token that works for a while. Raises Rejected where the app is not installed."""
        bot = await self._installations.find_bot_of(tenant_id)
        if bot is None:
            raise Rejected("The Slack app is not installed there any more.", code="not_installed")
        return await self.fresh(bot)

    async def fresh(self, bot: Bot) -> Bot:
        """Give the bot with a token that works for a while: its own, or a new one."""
        for _ in range(_MOST_PAUSES):
            if not _ends_before(bot, self._clock() + _EARLY):
                return bot
            lease = await self._leases.acquire(f"slack_token:{_tenant(bot)}", self._holder, _LEASE_SECONDS)
            if lease is not None:
                return await self._under_lease(lease, bot)
            if not _ends_before(bot, self._clock()):
                return bot  # Somebody else is at it, and this one still works.
            await self._sleep(_PAUSE_SECONDS)
            bot = await self._installations.find_bot_of(_tenant(bot)) or bot
        raise Unavailable("The Slack token ended, and another process is still exchanging it.", code="token_rotation")

    async def _under_lease(self, lease: Lease, bot: Bot) -> Bot:
        try:
            # Whoever held the lease before may have exchanged it since we looked.
            now = await self._installations.find_bot_of(_tenant(bot)) or bot
            return await self._rotate(now) if _ends_before(now, self._clock() + _EARLY) else now
        except UpstreamError as error:
            if _ends_before(bot, self._clock()):
                raise
            _log.warning("tenant %s: the Slack token could not be exchanged yet: %s", _tenant(bot), error)
            return bot
        finally:
            await self._leases.release(lease)

    async def _rotate(self, bot: Bot) -> Bot:
        async with translated("Exchanging a Slack token"):
            answer = await self._exchange.oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret,
                grant_type="refresh_token",
                refresh_token=bot.bot_refresh_token,
            )
        rotated = Bot(**bot.to_dict_for_copying())
        rotated.bot_token, rotated.bot_refresh_token = str(answer["access_token"]), answer.get("refresh_token")
        rotated.bot_token_expires_at = int(self._clock().timestamp()) + int(answer["expires_in"])
        await self._installations.async_save_bot(rotated)
        _log.info("tenant %s: the Slack token was exchanged", _tenant(bot))
        return rotated


def _tenant(bot: Bot) -> str:
    return str(bot.custom_values["tenant_id"])


def _ends_before(bot: Bot, moment: datetime) -> bool:
    """Whether a token that can be exchanged ends by then; one that cannot is used as it is."""
    if not bot.bot_refresh_token or bot.bot_token_expires_at is None:
        return False
    return bot.bot_token_expires_at <= moment.timestamp()
