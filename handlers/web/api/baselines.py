"""What an account normally does, and how readily its types alert."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from engine.models.account import GovernanceMode
from engine.models.api_key import Scope
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.modes import ModeInForce
from engine.roles import Deed
from handlers.web.api.accounts import PATH, AccountPath
from handlers.web.api.models import AccountId, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from services.baseline_report import BaselineReport, KnownType
from services.preferences import SERVICES, TYPE

_TAG = "baselines"
Service = StrEnum("Service", {name: name for name in sorted(SERVICES)})  # type: ignore[misc] # made of the registry


class Maturity(Model):
    """How well the account is known; while it is young only the safety net alerts."""

    is_young: bool
    history_days: float
    needed_days: int
    cost_events: int
    launches_learned: int
    first_event_time: Moment | None
    mode: GovernanceMode = Field(description="The mode that holds.")
    mode_earned: GovernanceMode = Field(description="The mode that its history has earned it.")
    mode_set_by: str = Field(description="Who chose strict mode, for it or for all; empty where nobody did.")
    mode_by_policy: bool = Field(description="Whether the operator's policy makes it strict.")


class ExpectedType(Model):
    """One type. Costs are those of launches that are kept and whose price is known, all resources of one together."""

    service: str
    resource_type: str
    launches_seen: int
    launches_learned: int = Field(description="Those that count as normal; what alerted does not until it is expected.")
    mean_hourly_cost_usd: float | None
    standard_deviation_usd: float | None
    maximum_hourly_cost_usd: float | None
    sensitivity: Sensitivity = Field(description="What holds, by this override or a wider setting.")
    sensitivity_override: Sensitivity | None


class ExpectedActor(Model):
    """Somebody who starts things here."""

    key: str
    launches: int


class Baselines(Model):
    """The most frequent first; at most 500 types and 100 actors."""

    account_id: AccountId
    maturity: Maturity
    expected_types: list[ExpectedType]
    expected_actors: list[ExpectedActor]


class BaselinePath(AccountPath):
    """One type of one service in one account."""

    service: Service
    type: Annotated[str, Field(pattern=rf"^{TYPE}$")]


class BaselineChange(Model):
    """`medium` is how everything alerts where nothing was set."""

    sensitivity_override: Sensitivity


class BaselineOverride(Model):
    """What is set now."""

    account_id: AccountId
    service: str
    resource_type: str
    sensitivity_override: Sensitivity


async def get_baselines(services: ApiServices, call: Call[AccountPath, Nothing]) -> Baselines:
    """Give what is known."""
    report = await services.baselines.report(call.tenant_id, call.params.account_id)
    [mode] = await services.preferences.modes.in_force(call.tenant_id, [report.account])
    return Baselines(
        account_id=report.account.account_id,
        maturity=_maturity(report, mode),
        expected_types=[_type(one) for one in report.types],
        expected_actors=[ExpectedActor(key=key, launches=count) for key, count in report.actors],
    )


async def change_baseline(services: ApiServices, call: Call[BaselinePath, BaselineChange]) -> BaselineOverride:
    """Let a type alert more or less readily; the safety net stays as it is."""
    asked = call.params
    rule = SensitivityRule(level=call.body.sensitivity_override, service=asked.service.value, resource_type=asked.type)
    await services.preferences.override(call.tenant_id, asked.account_id, rule, call.subject)
    return BaselineOverride(
        account_id=asked.account_id,
        service=rule.service,
        resource_type=rule.resource_type,
        sensitivity_override=rule.level,
    )


def _maturity(report: BaselineReport, mode: ModeInForce) -> Maturity:
    return Maturity(
        is_young=report.is_young,
        history_days=round(report.history_days, 2),
        needed_days=report.needed_days,
        cost_events=report.events,
        launches_learned=report.launches,
        first_event_time=report.first_event_time,
        mode=mode.mode,
        mode_earned=report.account.mode,
        mode_set_by=mode.set_by,
        mode_by_policy=mode.by_policy,
    )


def _type(known: KnownType) -> ExpectedType:
    seen = known.observed
    return ExpectedType(
        service=seen.service,
        resource_type=seen.resource_type,
        launches_seen=seen.launches,
        launches_learned=known.learned,
        mean_hourly_cost_usd=seen.mean,
        standard_deviation_usd=seen.deviation,
        maximum_hourly_cost_usd=seen.most,
        sensitivity=known.sensitivity,
        sensitivity_override=known.sensitivity_override,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=f"{PATH}/{{account_id}}/baselines",
        summary="Show what an account normally does.",
        handle=get_baselines,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AccountPath,
        answer=Baselines,
    ),
    Route(
        method="PATCH",
        path=f"{PATH}/{{account_id}}/baselines/{{service}}/{{type}}",
        summary="Set how readily one type alerts.",
        handle=change_baseline,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        params=BaselinePath,
        body=BaselineChange,
        answer=BaselineOverride,
    ),
)
