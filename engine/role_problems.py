"""What can be wrong with a customer's role, in words: what it is, and what to do."""

from engine.customer_role import ROLE_NAME
from engine.models.connection import Feature, ProblemKind, RoleProblem

LOOKUP = "cloudtrail:LookupEvents"
OFF_CODES = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "OptInRequired", "RegionDisabledException", "UnrecognizedClientException"}
)
"""What AWS says to good credentials in a Region that the account has not enabled."""
_BY_ORGANIZATION = "service control policy"


def trust_refused(role_arn: str, principal_arn: str, external_id: str) -> RoleProblem:
    """AWS answers the same whether a role is missing, trusts somebody else or wants another external id."""
    name = role_arn.rpartition("/")[2]
    return RoleProblem(
        kind=ProblemKind.TRUST_REFUSED,
        text=f"`{role_arn}` cannot be assumed: it does not exist, trusts another principal, or wants another "
        "external id. AWS does not say which.",
        hint=f"Its trust policy must name the principal `{principal_arn}` and the external id `{external_id}`, both "
        f"exactly. `aws iam get-role --role-name {name} --query Role.AssumeRolePolicyDocument` shows what it names.",
        candidates=(ProblemKind.EXTERNAL_ID_MISMATCH, ProblemKind.WRONG_PRINCIPAL),
    )


def wrong_external_id(role_arn: str, external_id: str, other_account_id: str) -> RoleProblem:
    """Another of the tenant's external ids opens the role."""
    return RoleProblem(
        kind=ProblemKind.EXTERNAL_ID_MISMATCH,
        text=f"`{role_arn}` asks for the external id of your account {other_account_id}. Each account has its own.",
        hint=f"Set `sts:ExternalId` in its trust policy to `{external_id}`.",
    )


def wrong_principal(configured: str, actual: str) -> RoleProblem:
    """Customers are shown a principal that this bot is not."""
    return RoleProblem(
        kind=ProblemKind.WRONG_PRINCIPAL,
        text=f"Roles are asked to trust `{configured}`, but this bot is `{actual}`.",
        hint="Whoever runs dd0c/cost must mend DD0C_AWS_PRINCIPAL_ARN, or the bot's AWS credentials.",
    )


def own_permission(role_arn: str) -> RoleProblem:
    """Our own identity may not assume anything."""
    return RoleProblem(
        kind=ProblemKind.OWN_PERMISSION,
        text=f"This bot's own AWS identity may not assume `{role_arn}`.",
        hint=f"Whoever runs dd0c/cost must allow it `sts:AssumeRole` on `arn:aws:iam::*:role/{ROLE_NAME}`.",
        action="sts:AssumeRole",
    )


def trusts_anyone(role_arn: str, external_id: str, *, any_id: bool) -> RoleProblem:
    """The role opens without its external id, or with any, so others could have us read it (the confused deputy)."""
    how = "with any external id" if any_id else "without its external id"
    return RoleProblem(
        kind=ProblemKind.TRUSTS_ANYONE,
        text=f"`{role_arn}` can be assumed {how}, so others could have it read too.",
        hint="Give its trust policy the condition "
        f'`"StringEquals": {{"sts:ExternalId": "{external_id}"}}`, and no other way in.',
    )


def sts_region_off(role_arn: str) -> RoleProblem:
    """STS itself is off where the bot asks."""
    return RoleProblem(
        kind=ProblemKind.REGION_OFF,
        text=f"STS is turned off for the account of `{role_arn}` in the Region where this bot asks.",
        hint="Turn it on under IAM, Account settings, Security Token Service; or whoever runs dd0c/cost sets "
        "AWS_REGION to a Region that is always on, such as us-east-1.",
    )


def missing_action(action: str, feature: Feature, detail: str = "", *, by_key: bool = False) -> RoleProblem:
    """A permission lacks, to the role or to the user of an access key."""
    if _BY_ORGANIZATION in detail:
        hint = "A service control policy of your organization denies it: ask its administrators for an exception."
    elif by_key:
        hint = "Attach to that user what `dd0c accounts policy` prints; then try once more."
    else:
        hint = "Update the stack, or add it to the role's policy; then try once more."
    return RoleProblem(
        kind=ProblemKind.MISSING_ACTION,
        text=f"{'The user of the access key' if by_key else 'The role'} may not do `{action}`.",
        hint=hint,
        action=action,
        feature=feature,
    )


def refused_region(region: str, detail: str) -> RoleProblem:
    """CloudTrail's history of one Region is refused although that of others is not."""
    policy = "a service control policy" if _BY_ORGANIZATION in detail else "a policy of your account or organization"
    return RoleProblem(
        kind=ProblemKind.MISSING_ACTION,
        text=f"`{LOOKUP}` is refused in {region}, so nothing is seen there.",
        hint=f"It is refused by {policy}. Allow it there, or leave it if nothing can be started in {region}.",
        action=LOOKUP,
        region=region,
        feature=Feature.WATCH,
    )


def region_off(region: str) -> RoleProblem:
    """An opt-in Region is listed, and does not let the account in."""
    return RoleProblem(
        kind=ProblemKind.REGION_OFF,
        text=f"{region} does not let the account in: this opt-in Region is off, or not on yet.",
        hint="Enabling a Region takes minutes to hours. It is watched as soon as it is on.",
        region=region,
        feature=Feature.WATCH,
    )


def unreachable(region: str, detail: str) -> RoleProblem:
    """A Region did not answer."""
    return RoleProblem(
        kind=ProblemKind.UNREACHABLE,
        text=f"{region} did not answer: {detail}",
        hint="It is tried again with every poll.",
        region=region,
        feature=Feature.WATCH,
    )
