"""Ways to pay: addresses of the payment provider's own pages."""

from collections.abc import Awaitable, Sequence
from http import HTTPStatus

from pydantic import Field

from engine.errors import InputError
from engine.models.api_key import Scope
from engine.roles import Deed
from handlers.web.api.models import Model, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from handlers.web.problems import Problem

_TAG = "billing"


class Address(Model):
    """A page of the payment provider's, for a person to open; it is good for a while only."""

    url: str = Field(description="An address that begins with https://.")


async def open_checkout(services: ApiServices, call: Call[Nothing, Nothing]) -> Address:
    """Give the page where an admin subscribes to Pro. Refused for who has it, and where nobody pays."""
    return await _address(services.plans.open_checkout(call.tenant_id))


async def open_portal(services: ApiServices, call: Call[Nothing, Nothing]) -> Address:
    """Give the page with bills, card and cancelling. Refused for who never paid."""
    return await _address(services.plans.open_portal(call.tenant_id))


async def _address(opening: Awaitable[str]) -> Address:
    try:
        return Address(url=await opening)
    except InputError as error:
        raise Problem(HTTPStatus.CONFLICT, str(error), "There is nothing to pay, and nothing to do.") from None


ROUTES: Sequence[Route] = (
    Route(
        method="POST",
        path="/v1/billing/checkout",
        summary="Begin to pay for Pro.",
        handle=open_checkout,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.MANAGE_PLAN,
        answer=Address,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        path="/v1/billing/portal",
        summary="Open bills, card and cancelling.",
        handle=open_portal,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.MANAGE_PLAN,
        answer=Address,
        status=HTTPStatus.CREATED,
    ),
)
