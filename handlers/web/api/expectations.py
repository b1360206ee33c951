"""What is expected, and so stays silent."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from engine.models.api_key import Scope
from engine.models.verdict import Expectation
from engine.roles import Deed
from handlers.web.api.models import AccountId, Id, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from services.declarations import Declared
from services.idempotency import bytes_from

_PATH = "/v1/expectations"
_TAG = "expectations"
_TYPE = r"^[A-Za-z][A-Za-z0-9._/-]{1,99}$"


class ExpectationPath(Model):
    """One expectation."""

    expectation_id: Id


class NewExpectation(Model):
    """What is about to start: so many of a type at a time, for so many dollars an hour in all."""

    account_id: AccountId
    resource_type: Annotated[str, Field(pattern=_TYPE, description="As cards show it, such as `p5.48xlarge`.")]
    max_quantity: Annotated[int, Field(ge=1, le=999_999, description="How many may run at a time.")]
    max_hourly_cost_usd: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    until: Moment | None = Field(default=None, description="At most 366 days from now; without it, a week from now.")


class ExpectationShown(Model):
    """Launches of these types stay silent: by this actor (empty: anybody), up to these limits, until then."""

    expectation_id: str
    account_id: AccountId
    actor_key: str
    resource_types: list[str]
    max_hourly_cost_usd: float | None
    max_quantity: int | None
    all_running: bool = Field(description="Whether the limits are for all that runs at a time, or for each launch.")
    created_by: str
    created_at: Moment
    until: Moment | None


class ExpectationList(Model):
    """Those in force, oldest first; at most 1000."""

    expectations: list[ExpectationShown]


async def list_expectations(services: ApiServices, call: Call[Nothing, Nothing]) -> ExpectationList:
    """Give them all."""
    found = await services.declarations.find_all(call.tenant_id)
    return ExpectationList(expectations=[_shown(one) for one in found])


async def get_expectation(services: ApiServices, call: Call[ExpectationPath, Nothing]) -> ExpectationShown:
    """Give one."""
    return _shown(await services.declarations.find(call.tenant_id, call.params.expectation_id))


async def create_expectation(services: ApiServices, call: Call[Nothing, NewExpectation]) -> ExpectationShown:
    """Declare it from now on."""
    asked = call.body
    declared = Declared(
        account_id=asked.account_id,
        resource_type=asked.resource_type,
        max_quantity=asked.max_quantity,
        max_hourly_cost=asked.max_hourly_cost_usd,
        until=asked.until,
    )
    made = await services.declarations.declare(call.tenant_id, declared, call.subject, bytes_from(call.seed))
    return _shown(made)


async def delete_expectation(services: ApiServices, call: Call[ExpectationPath, Nothing]) -> None:
    """Take it back."""
    await services.declarations.end(call.tenant_id, call.params.expectation_id, call.subject)


def _shown(one: Expectation) -> ExpectationShown:
    return ExpectationShown(
        expectation_id=one.expectation_id,
        account_id=one.account_id,
        actor_key=one.actor_key,
        resource_types=list(one.resource_types),
        max_hourly_cost_usd=one.max_hourly_cost,
        max_quantity=one.max_quantity,
        all_running=one.all_running,
        created_by=one.created_by,
        created_at=one.created_at,
        until=one.until,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List what is expected now.",
        handle=list_expectations,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        answer=ExpectationList,
    ),
    Route(
        method="POST",
        path=_PATH,
        summary="Declare what is about to start, so that it stays silent.",
        handle=create_expectation,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.DECLARE,
        body=NewExpectation,
        answer=ExpectationShown,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path=f"{_PATH}/{{expectation_id}}",
        summary="Show one expectation in force.",
        handle=get_expectation,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=ExpectationPath,
        answer=ExpectationShown,
    ),
    Route(
        method="DELETE",
        path=f"{_PATH}/{{expectation_id}}",
        summary="Take an expectation back.",
        handle=delete_expectation,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.END_QUIET,
        params=ExpectationPath,
    ),
)
