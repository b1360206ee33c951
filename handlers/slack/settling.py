"""Events that must not be lost: Slack hears that they arrived once what they ask for is done, and not before."""

import logging
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from engine.errors import UpstreamError
from handlers.slack.matching import Before, Body, Next

_log = logging.getLogger(__name__)
_OK, _LATER = 200, 503


def settle_first(
    app: AsyncApp, is_for: Callable[[Body], bool], settle: Callable[[Body], Awaitable[None]], trouble: str
) -> None:
    """Take events before Bolt, which says thank you to one before its listener runs.

    Where Slack or the database is away the log says ``trouble``, and the answer makes Slack send the event again.
    """

    async def handle(body: Body, _context: AsyncBoltContext, _next: Next) -> BoltResponse:
        try:
            await settle(body)
        except UpstreamError as error:
            _log.warning("%s: %s", trouble, error)
            return BoltResponse(status=_LATER, body="")
        return BoltResponse(status=_OK, body="")

    app.use(Before(is_for, handle))
