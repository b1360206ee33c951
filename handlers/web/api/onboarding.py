"""Connecting AWS accounts, as `/dd0c connect` does."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, model_validator

from engine.models.account import AccountStatus, GovernanceMode
from engine.models.api_key import Scope
from engine.models.connection import AccountConnected, Feature, FeatureCheck, ProblemKind, RoleProblem
from engine.models.report import AccountHealth
from engine.roles import Deed
from handlers.web.api.accounts import PATH, AccountPath
from handlers.web.api.models import AccountId, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from handlers.web.problems import Problem

_TAG = "connecting"


class NewSetup(Model):
    """Which account is to be connected. Its number is also taken as `account_id`, which is what answers call it."""

    aws_account_id: AccountId

    @model_validator(mode="before")
    @classmethod
    def _is_called_so_in_answers(cls, given: Any) -> Any:
        """Take the other name where this one lacks."""
        if not isinstance(given, dict) or "aws_account_id" in given or "account_id" not in given:
            return given
        return {("aws_account_id" if name == "account_id" else name): value for name, value in given.items()}


class PolicyShown(Model):
    """What one feature needs the role to be allowed (an IAM policy, as text)."""

    feature: Feature
    about: str
    optional: bool
    policy: str


class Setup(Model):
    """What to do in AWS: open `quick_create_url`, or make the role by hand. The external id stays the same."""

    account_id: AccountId
    external_id: str
    principal_arn: str
    role_name: str
    role_arn: str
    quick_create_url: str = Field(description="Empty where whoever runs the bot publishes no template.")
    trust_policy: str
    policies: list[PolicyShown]


class NewAccount(NewSetup):
    """An account whose role is there. Its number is also taken as `account_id`, which is what answers call it."""

    role_arn: Annotated[
        str,
        Field(
            pattern=r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}$",
            description="The role's ARN, such as `arn:aws:iam::123456789012:role/dd0c-cost-readonly`. "
            "AWS GovCloud (US) and AWS China are not supported.",
        ),
    ]


class RoleProblemShown(Model):
    """One thing that is wrong with a role, and what to do."""

    kind: ProblemKind
    text: str
    hint: str
    action: str = Field(description="The permission that lacks, if it is that.")
    region: str
    feature: Feature | None
    candidates: list[ProblemKind] = Field(description="What it may be, where AWS does not tell; else empty.")


class FeatureShown(Model):
    """Whether a role may do what a feature needs."""

    feature: Feature
    granted: bool
    missing: list[str]


class Connection(Model):
    """What became of it. Where the role is not good, `connected` is false and `problems` say exactly why."""

    connected: bool
    account_id: AccountId
    role_arn: str
    regions: list[str]
    regions_off: list[str] = Field(description="Opt-in Regions that are off, so nothing can be started there.")
    features: list[FeatureShown]
    problems: list[RoleProblemShown]


class RegionTroubleShown(Model):
    """A Region that could not be read at the last poll."""

    region: str
    error: str


class Health(Model):
    """How an account is doing; ask again every few seconds while it learns."""

    account_id: AccountId
    name: str
    status: AccountStatus
    status_detail: str
    mode: GovernanceMode
    in_trouble: bool = Field(description="Whether something keeps it from being watched; what follows says what.")
    is_paused: bool = Field(description="Whether the plan does not cover it.")
    region_troubles: list[RegionTroubleShown]
    batches_set_aside: int = Field(description="Records received that could not take effect; `dd0c queue aside`.")
    is_young: bool
    history_days: int
    history_days_needed: int
    events_seen: int
    events_needed: int
    regions_watched: int
    regions_learned: int = Field(description="Regions whose last 90 days were read; it grows while it learns.")
    last_record_time: Moment | None
    running_hourly_cost_usd: float
    problems: list[RoleProblemShown]


async def setup_account(services: ApiServices, call: Call[Nothing, NewSetup]) -> Setup:
    """Give the account its external id, once, and say what its role must look like."""
    made = await services.onboarding.set_up(call.tenant_id, call.body.aws_account_id)
    return Setup(
        account_id=made.account_id,
        external_id=made.external_id,
        principal_arn=made.principal_arn,
        role_name=made.role_name,
        role_arn=made.role_arn,
        quick_create_url=made.quick_create_url,
        trust_policy=made.trust_policy,
        policies=[
            PolicyShown(feature=one.feature, about=one.about, optional=one.optional, policy=one.policy)
            for one in made.policies
        ],
    )


async def create_account(services: ApiServices, call: Call[Nothing, NewAccount]) -> Connection:
    """Prove the role, and that it does not open without the external id; begin to watch the account if it is good."""
    asked = call.body
    if f"::{asked.aws_account_id}:" not in asked.role_arn:
        raise Problem(
            HTTPStatus.CONFLICT,
            "`role_arn` names a role of another account than `aws_account_id`.",
            "Copy the ARN of the role that stands in this account.",
        )
    outcome = await services.onboarding.connect(call.tenant_id, asked.aws_account_id, asked.role_arn, call.subject)
    return Connection(
        connected=isinstance(outcome, AccountConnected),
        account_id=outcome.account_id,
        role_arn=outcome.role_arn,
        regions=list(outcome.check.regions),
        regions_off=list(outcome.check.regions_off),
        features=[_feature(one) for one in outcome.check.features],
        problems=[_problem(one) for one in outcome.check.problems],
    )


async def get_health(services: ApiServices, call: Call[AccountPath, Nothing]) -> Health:
    """Say how it is doing."""
    return _health(await services.reports.account(call.tenant_id, call.params.account_id))


def _feature(one: FeatureCheck) -> FeatureShown:
    return FeatureShown(feature=one.feature, granted=one.granted, missing=list(one.missing))


def _problem(one: RoleProblem) -> RoleProblemShown:
    return RoleProblemShown(
        kind=one.kind,
        text=one.text,
        hint=one.hint,
        action=one.action,
        region=one.region,
        feature=one.feature,
        candidates=list(one.candidates),
    )


def _health(health: AccountHealth) -> Health:
    return Health(
        account_id=health.account_id,
        name=health.name,
        status=health.status,
        status_detail=health.status_detail,
        mode=health.mode,
        in_trouble=health.in_trouble,
        is_paused=health.is_paused,
        region_troubles=[RegionTroubleShown(region=one.region, error=one.error) for one in health.region_troubles],
        batches_set_aside=health.set_aside,
        is_young=health.is_young,
        history_days=health.history_days,
        history_days_needed=health.history_days_needed,
        events_seen=health.events_seen,
        events_needed=health.events_needed,
        regions_watched=health.regions_watched,
        regions_learned=health.regions_learned,
        last_record_time=health.last_record_time,
        running_hourly_cost_usd=health.running_hourly_cost,
        problems=[_problem(one) for one in health.role_check.problems] if health.role_check else [],
    )


ROUTES: Sequence[Route] = (
    Route(
        method="POST",
        path=f"{PATH}/setup",
        summary="Begin to connect an AWS account: what its role must look like.",
        handle=setup_account,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CONNECT,
        body=NewSetup,
        answer=Setup,
    ),
    Route(
        method="POST",
        path=PATH,
        summary="Connect an AWS account whose role is there.",
        handle=create_account,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CONNECT,
        body=NewAccount,
        answer=Connection,
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{account_id}}/health",
        summary="Show how an AWS account is doing.",
        handle=get_health,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AccountPath,
        answer=Health,
    ),
)
