"""Whom a request of Slack's is for, by its body alone.

Whenever Bolt asks a listener whether a request is for it, and whenever it calls a middleware, it gathers all that might
be wanted: some forty things. Nearly all of them want the body.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.listener_matcher.async_builtins import AsyncBuiltinListenerMatcher
from slack_bolt.listener_matcher.async_listener_matcher import AsyncListenerMatcher
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

Body = Mapping[str, Any]
Next = Callable[[], Awaitable[BoltResponse]]
_ONLY_THE_BODY = ["body"]


class Before(AsyncMiddleware):
    """Lets ``handle`` have the requests that are for it before any listener has; all others pass."""

    def __init__(
        self, is_for: Callable[[Body], bool], handle: Callable[[Body, AsyncBoltContext, Next], Awaitable[BoltResponse]]
    ) -> None:
        self._is_for = is_for
        self._handle = handle

    async def async_process(self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Next) -> BoltResponse:  # noqa: A002, ARG002 - Bolt passes them by these names
        """Bolt calls it for every request."""
        return await (self._handle(req.body, req.context, next) if self._is_for(req.body) else next())


class _ByBody(AsyncListenerMatcher):
    def __init__(self, fits: Callable[[Body], Awaitable[bool]]) -> None:
        self._fits = fits

    async def async_matches(self, req: AsyncBoltRequest, resp: BoltResponse) -> bool:  # noqa: ARG002 - Bolt passes it
        return await self._fits(req.body)


def match_by_body(listeners: Sequence[AsyncListener]) -> None:
    """Let listeners ask what Bolt's own matchers ask, without gathering what these do not want."""
    for listener in listeners:
        listener.matchers = [_lighter(one) for one in listener.matchers]


def _lighter(matcher: AsyncListenerMatcher) -> AsyncListenerMatcher:
    if isinstance(matcher, AsyncBuiltinListenerMatcher) and matcher.arg_names == _ONLY_THE_BODY:
        return _ByBody(matcher.func)  # type: ignore[arg-type] # in an AsyncApp all of them are coroutine functions
    return matcher
