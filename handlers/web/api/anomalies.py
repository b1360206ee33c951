"""Anomalies, and where their cards stand."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.api_key import Scope
from engine.models.search import Criteria
from engine.roles import Deed
from handlers.web.api.anomaly_models import AnomalyShown, anomaly_of
from handlers.web.api.models import EARLIEST, AccountId, Id, Model, Moment, Nothing, Page
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from handlers.web.cursors import CURSOR, read_cursor, write_cursor

PATH = "/v1/anomalies"
_TAG = "anomalies"
_MOST = 200


class AnomalyPath(Model):
    """One anomaly."""

    anomaly_id: Id


class AnomalyFilter(Model):
    """What is asked for. Several values of one name mean any of them."""

    since: Moment | None = Field(default=None, description="With a record at this time or later.")
    until: Moment | None = Field(default=None, description="Whose last record came at this time or earlier.")
    status: list[AnomalyStatus] = Field(default=list(AnomalyStatus))
    severity: list[Severity] = Field(default=list(Severity))
    decision: list[DecisionKind] = Field(
        default=[DecisionKind.ALERT], description="What people were told of by a card (`alert`), or what else."
    )
    account: AccountId | None = Field(default=None, description="The 12 digits of an AWS account.")
    actor: str | None = Field(default=None, max_length=2048, description="The actor's `key`, exactly.")
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50
    cursor: Annotated[str, Field(pattern=CURSOR)] | None = Field(
        default=None, description="`next_cursor` of the page before, with the same filter."
    )


class AnomalyPage(Page):
    """Anomalies, the one with the newest record first."""

    anomalies: list[AnomalyShown]


async def list_anomalies(services: ApiServices, call: Call[AnomalyFilter, Nothing]) -> AnomalyPage:
    """Give a page. What grows meanwhile moves to the front, and is not seen again by who is past that."""
    asked = call.params
    criteria = Criteria(
        since=asked.since or EARLIEST,
        until=asked.until,
        severities=asked.severity,
        decisions=asked.decision,
        statuses=asked.status,
        account_id=asked.account,
        actor_key=asked.actor,
    )
    after = read_cursor(asked.cursor) if asked.cursor else None
    shown, last = await services.anomalies.page(call.tenant_id, criteria, after, asked.limit)
    return AnomalyPage(
        anomalies=[anomaly_of(one.anomaly, one.slack_message_url) for one in shown],
        next_cursor=write_cursor(last) if last else None,
    )


async def get_anomaly(services: ApiServices, call: Call[AnomalyPath, Nothing]) -> AnomalyShown:
    """Give one."""
    shown = await services.anomalies.find(call.tenant_id, call.params.anomaly_id)
    return anomaly_of(shown.anomaly, shown.slack_message_url)


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=PATH,
        summary="List anomalies, newest first, page by page.",
        handle=list_anomalies,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AnomalyFilter,
        answer=AnomalyPage,
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{anomaly_id}}",
        summary="Show one anomaly.",
        handle=get_anomaly,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AnomalyPath,
        answer=AnomalyShown,
    ),
)
