"""What connecting an AWS account asks for and answers: documents to copy, what was proved, and what is wrong."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Feature(StrEnum):
    """What a customer's role may be allowed; each is a parameter of the templates in ``infra/``.

    Without ``WATCH`` nothing works, so that is no parameter. ``TRAIL`` needs a bucket to be named.
    """

    WATCH = "watch"
    DETAILS = "details"
    ZOMBIES = "zombies"
    SPEND = "spend"
    TRAIL = "trail"


class ProblemKind(StrEnum):
    """What is wrong with a role.

    ``TRUST_REFUSED``: the role is not there, or trusts another principal, or wants another external id. AWS answers all
    three alike, so more is said only where more could be found out.
    """

    TRUST_REFUSED = "trust_refused"
    EXTERNAL_ID_MISMATCH = "external_id_mismatch"
    WRONG_PRINCIPAL = "wrong_principal"
    TRUSTS_ANYONE = "trusts_anyone"
    OWN_PERMISSION = "own_permission"
    MISSING_ACTION = "missing_action"
    REGION_OFF = "region_off"
    UNREACHABLE = "unreachable"


class RoleProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: what it is, and in ``hint`` what to do.

    ``action`` names the permission that lacks (``ec2:DescribeRegions``), ``region`` where, ``feature`` what for.
    ``candidates`` are what it may be where AWS does not tell.
    """

    kind: ProblemKind
    text: str
    hint: str
    action: str = ""
    region: str = ""
    feature: Feature | None = None
    candidates: tuple[ProblemKind, ...] = ()


class FeatureCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a role may do what a feature needs; ``missing`` are actions it was refused, ``unknown`` those that could
    not be tried."""

    feature: Feature
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def granted(self) -> bool:
        """Whether nothing of it was refused."""
        return not self.missing


class RoleCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at a customer's role found out.

    ``problems`` may also name what only limits an account that works all the same: an optional feature, a Region that
    refuses. ``regions`` can be read, ``regions_off`` are opt-in Regions that the customer has not enabled.
    ``last_record_time`` is the newest record of any Region, None where there was none.
    """

    checked_at: datetime
    usable: bool
    problems: tuple[RoleProblem, ...] = ()
    features: tuple[FeatureCheck, ...] = ()
    regions: tuple[str, ...] = ()
    regions_off: tuple[str, ...] = ()
    name: str = ""
    last_record_time: datetime | None = None


class RegionStates(msgspec.Struct, frozen=True):
    """An account's Regions: those that are on, and opt-in Regions that are not. Both sorted."""

    on: tuple[str, ...]
    off: tuple[str, ...]


class FeaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The permission policy of one feature (JSON, indented), and what for; it can be left out if it is optional."""

    feature: Feature
    about: str
    optional: bool
    policy: str


class AccountSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer must do in AWS.

    Either open ``quick_create_url`` (empty where the operator publishes no template), or create a role by hand with
    ``trust_policy`` and the ``policies``. ``role_arn`` is the role's ARN if its name is left as proposed.
    """

    account_id: str
    external_id: str
    principal_arn: str
    role_name: str
    role_arn: str
    quick_create_url: str
    trust_policy: str
    policies: tuple[FeaturePolicy, ...]


class AccountConnected(msgspec.Struct, frozen=True, kw_only=True):
    """The role proved good and the account is ours to read. ``learning`` says that its history is read first."""

    account_id: str
    name: str
    role_arn: str
    learning: bool
    check: RoleCheck
    history_days: int = 90


class RoleRefused(msgspec.Struct, frozen=True, kw_only=True):
    """The role cannot be used as it is; ``check.problems`` says why."""

    account_id: str
    role_arn: str
    check: RoleCheck


ConnectOutcome = AccountConnected | RoleRefused
