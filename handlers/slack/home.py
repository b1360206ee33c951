"""Somebody opens the App Home."""

import logging
from collections.abc import Mapping

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from engine.errors import NotFound, UpstreamError
from handlers.slack.context import Caller, SlackServices, who_opened
from handlers.slack.matching import Before, Body, Next

_log = logging.getLogger(__name__)
EVENT = "app_home_opened"
_LATER = 503
_CALLER = "dd0c_caller"  # In the context of a request: who opened their Home, once that is noted.


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to Homes that are opened.

    Bolt says thank you to an event before its listener runs, so it is noted before: from then on the Home is published
    whatever becomes of this process. Where it cannot be noted, Slack tells again.
    """

    async def note_opened(body: Body, context: AsyncBoltContext, go_on: Next) -> BoltResponse:
        try:
            caller = context[_CALLER] = await who_opened(body, services)
            await services.homes.note_opened(caller.tenant_id, caller.user_id)
        except NotFound as error:
            _log.info("a Home was opened where no tenant is: %s", error)
        except UpstreamError as error:
            _log.warning("a Home was opened, and that could not be noted yet: %s", error)
            return BoltResponse(status=_LATER, body="")
        return await go_on()

    app.use(Before(_is_home, note_opened))

    @app.event(EVENT)
    async def handle_home_opened(context: AsyncBoltContext) -> None:
        """Publish it; one that Slack tells of again is no more due than before."""
        caller: Caller | None = context.get(_CALLER)
        if caller is None:
            return
        try:
            await services.homes.publish_one(caller.tenant_id, caller.user_id)
        except (NotFound, UpstreamError) as error:
            _log.info("a Home that was opened is published later: %s", error)
        except Exception:
            _log.exception("publishing a Home failed")


def _is_home(body: Body) -> bool:
    """The event also tells of the tab with messages."""
    event = body.get("event")
    return isinstance(event, Mapping) and event.get("type") == EVENT and event.get("tab") == "home"
