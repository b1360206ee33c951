"""With which token Bolt answers a request."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.oauth.installation_store import Bot

from engine.errors import UpstreamError

_log = logging.getLogger(__name__)
_GOOD_FOR_SECONDS = 20.0
_MOST_TEAMS = 10_000
PATIENCE_SECONDS = 0.5

_Key = tuple[str | None, str | None]
FindBot = Callable[[str | None, str | None], Awaitable[Bot | None]]


class OneToken(AsyncAuthorize):
    """The token of the one workspace that a bot serves."""

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the SDK types its methods, not this one
        self._token = token

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002 - Bolt passes it by name
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,  # noqa: ARG002 - Bolt passes it by name
        actor_enterprise_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
        actor_team_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
        actor_user_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
    ) -> AuthorizeResult:
        """Authorise whatever Slack signed: whose tenant it is, the listeners find out."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token)


class InstalledTokens(AsyncAuthorize):
    """The token of whichever workspace or organisation asks, remembered for some seconds.

    Nobody is turned away here: who has no token, and who asks while the database is away, gets an answer from the
    listener, which says so in words. Nor is anybody kept waiting: listeners acknowledge behind this, within Slack's
    three seconds, while a database may hang for thirty and a token that ends is exchanged with Slack first.
    """

    def __init__(
        self, find_bot: FindBot, monotonic: Callable[[], float], patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the SDK types its methods, not this one
        self._find_bot = find_bot
        self._monotonic = monotonic
        self._patience = patience_seconds
        self._known: dict[_Key, tuple[float, Bot]] = {}
        self._looking: dict[_Key, asyncio.Task[Bot | None]] = {}

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002 - Bolt passes it by name
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,  # noqa: ARG002 - Bolt passes it by name
        actor_enterprise_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
        actor_team_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
        actor_user_id: str | None = None,  # noqa: ARG002 - Bolt passes it by name
    ) -> AuthorizeResult:
        """Give the token, if there is one, without asking Slack whether it works."""
        bot = await self._find(enterprise_id, team_id)
        if bot is None:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
            bot_token=bot.bot_token,
            bot_scopes=list(bot.bot_scopes or ()),
        )

    async def _find(self, enterprise_id: str | None, team_id: str | None) -> Bot | None:
        key, now = (enterprise_id, team_id), self._monotonic()
        found_at, known = self._known.get(key, (now, None))
        if known is not None and now - found_at < _GOOD_FOR_SECONDS:
            return known
        looking = self._looking.get(key)
        if looking is None:
            looking = self._looking[key] = asyncio.create_task(self._look(key, now))
            looking.add_done_callback(lambda _done: self._looking.pop(key))
        # Whoever gives up leaves it at work: a token that is lost between its exchange and its saving is lost for good.
        done, _ = await asyncio.wait([looking], timeout=self._patience)
        if done:
            return looking.result()
        _log.warning("the token for %s could not be read in time", team_id or enterprise_id)
        return known

    async def _look(self, key: _Key, now: float) -> Bot | None:
        """Give what the database says, and what was known before where it says nothing."""
        try:
            bot = await self._find_bot(*key)
        except UpstreamError as error:
            _log.warning("the token for %s could not be read: %s", key[1] or key[0], error)
            _, known = self._known.get(key, (now, None))
            return known
        self._remember(key, now, bot)
        return bot

    def _remember(self, key: _Key, now: float, bot: Bot | None) -> None:
        self._known.pop(key, None)
        if bot is None:
            return
        if len(self._known) >= _MOST_TEAMS:
            del self._known[next(iter(self._known))]
        self._known[key] = (now, bot)
