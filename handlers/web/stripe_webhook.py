"""``POST /v1/stripe/webhook``: what Stripe says has happened."""

import logging
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from engine.errors import AccessDenied, InputError, UpstreamError
from engine.models.billing import BillingEvent
from handlers.web.problems import Problem, unavailable
from services.subscriptions import Subscriptions

_log = logging.getLogger(__name__)
PATH = "/v1/stripe/webhook"
_LARGEST_BODY = 512 * 1024


class Events(Protocol):
    """Tells Stripe's events from what others send."""

    def read(self, body: bytes, signature: str) -> BillingEvent:
        """Raises AccessDenied for what Stripe did not sign lately, InputError for what is no event."""
        ...


def register(app: web.Application, events: Events, subscriptions: Subscriptions) -> None:
    """Add the route. Stripe repeats for days whatever is not answered with success."""

    async def handle_event(request: web.Request) -> web.StreamResponse:
        try:
            event = await _read(request, events)
            await subscriptions.handle(event)
        except Problem as problem:
            return problem.response()
        except UpstreamError as error:
            _log.warning("%s: %s", PATH, error)
            return unavailable("A system behind dd0c/cost did not answer.", retry_after=30).response()
        return web.json_response({"received": True})

    app.router.add_post(PATH, handle_event)


async def _read(request: web.Request, events: Events) -> BillingEvent:
    if (request.content_length or 0) > _LARGEST_BODY:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.", "No event of Stripe's is.")
    try:
        return events.read(await request.read(), request.headers.get("Stripe-Signature", ""))
    except AccessDenied as error:
        hint = "Copy the endpoint's signing secret from Stripe's dashboard to STRIPE_WEBHOOK_SECRET."
        raise Problem(HTTPStatus.UNAUTHORIZED, str(error), hint) from None
    except InputError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error), "Send what Stripe sends.") from None
