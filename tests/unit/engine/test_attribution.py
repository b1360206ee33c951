"""Who did it, for every kind of identity CloudTrail writes."""

from typing import Any

import pytest

from engine.attribution import identify
from engine.models.cost_event import ActorKind
from tests.unit.engine.factories import ACCOUNT, Record, role, user

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SSO_ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{SSO}"
SERVICE_ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def with_issuer(identity: Record, arn: str, **context: Any) -> Record:
    return {**identity, "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn}, **context}}


IDENTITIES = [
    pytest.param(user("alice"), f"arn:aws:iam::{ACCOUNT}:user/alice", ActorKind.PERSON, "alice", id="user"),
    pytest.param(
        {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ops/bob"},
        f"arn:aws:iam::{ACCOUNT}:user/ops/bob",
        ActorKind.PERSON,
        "bob",
        id="user without a name",
    ),
    pytest.param(role("deploy", "a-1"), ROLE, ActorKind.ROLE, "deploy", id="role"),
    pytest.param(
        {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/a-1"},
        ROLE,
        ActorKind.ROLE,
        "deploy",
        id="role without an issuer",
    ),
    pytest.param(role("deploy", "i-0123456789abcdef0"), ROLE, ActorKind.AUTOMATION, "deploy", id="instance profile"),
    pytest.param(
        {**role("deploy"), "invokedBy": "cloudformation.amazonaws.com"},
        ROLE,
        ActorKind.AUTOMATION,
        "deploy",
        id="role used by a service",
    ),
    pytest.param(
        with_issuer(role("deploy"), ROLE, webIdFederationData={"federatedProvider": "token.actions.example"}),
        ROLE,
        ActorKind.AUTOMATION,
        "deploy",
        id="pipeline",
    ),
    pytest.param(
        with_issuer(role(SSO, "alice@example.com"), SSO_ARN),
        f"{SSO_ARN}/alice@example.com",
        ActorKind.PERSON,
        "alice@example.com",
        id="single sign-on is a person",
    ),
    pytest.param(
        with_issuer({"type": "AssumedRole", "principalId": "AROAX:alice@example.com"}, SSO_ARN),
        f"{SSO_ARN}/alice@example.com",
        ActorKind.PERSON,
        "alice@example.com",
        id="single sign-on, session in the principal only",
    ),
    pytest.param(
        with_issuer({"type": "AssumedRole"}, SSO_ARN), SSO_ARN, ActorKind.ROLE, SSO, id="single sign-on, nobody named"
    ),
    pytest.param(
        with_issuer(role("AWSServiceRoleForAutoScaling"), SERVICE_ARN),
        "service:autoscaling.amazonaws.com",
        ActorKind.AWS_SERVICE,
        "autoscaling",
        id="service-linked role",
    ),
    pytest.param(
        with_issuer(role("deploy"), ROLE, sourceIdentity="alice"),
        "source:alice",
        ActorKind.PERSON,
        "alice",
        id="source identity wins",
    ),
    pytest.param({"type": "Root", "accountId": ACCOUNT}, f"{ACCOUNT}:root", ActorKind.ROOT, "root user", id="root"),
    pytest.param({"type": "Root"}, f"{ACCOUNT}:root", ActorKind.ROOT, "root user", id="root without an account"),
    pytest.param(
        with_issuer(
            {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/carol"},
            f"arn:aws:iam::{ACCOUNT}:user/broker",
        ),
        f"arn:aws:iam::{ACCOUNT}:user/broker/carol",
        ActorKind.PERSON,
        "carol",
        id="federated",
    ),
    pytest.param(
        {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1", "identityStoreArn": "arn:store"}},
        "arn:store/u-1",
        ActorKind.PERSON,
        "u-1",
        id="identity center",
    ),
    pytest.param(
        {"type": "WebIdentityUser", "identityProvider": "accounts.example", "userName": "dave"},
        "accounts.example/dave",
        ActorKind.PERSON,
        "dave",
        id="web identity",
    ),
    pytest.param(
        {"type": "SAMLUser", "identityProvider": "idp", "principalId": "idp:erin"},
        "idp/idp:erin",
        ActorKind.PERSON,
        "idp:erin",
        id="saml",
    ),
    pytest.param(
        {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"},
        "service:autoscaling.amazonaws.com",
        ActorKind.AWS_SERVICE,
        "autoscaling",
        id="service",
    ),
    pytest.param({"type": "AWSService"}, "unknown", ActorKind.UNKNOWN, "unknown", id="service without a name"),
    pytest.param(
        {"type": "AWSAccount", "accountId": "999988887777"},
        "account:999988887777",
        ActorKind.FOREIGN_ACCOUNT,
        "AWS account 999988887777",
        id="foreign account",
    ),
    pytest.param(
        {"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDAX"},
        "AIDAX",
        ActorKind.UNKNOWN,
        "AIDAX",
        id="own account",
    ),
    pytest.param({"type": "Unknown", "principalId": "X:y"}, "X:y", ActorKind.UNKNOWN, "y", id="unknown type"),
    pytest.param({}, "unknown", ActorKind.UNKNOWN, "unknown", id="nothing"),
    pytest.param({"type": ["IAMUser"], "arn": 7}, "unknown", ActorKind.UNKNOWN, "unknown", id="junk"),
]


@pytest.mark.parametrize(("identity", "key", "kind", "name"), IDENTITIES)
def test_an_identity_has_a_stable_key(identity: Record, key: str, kind: ActorKind, name: str) -> None:
    actor = identify(identity, ACCOUNT)
    assert (actor.key, actor.kind, actor.name) == (key, kind, name)


def test_a_role_is_one_actor_whatever_its_sessions_are_called() -> None:
    keys = {identify(role("deploy", session), ACCOUNT).key for session in ("build-1", "build-2", "i-0123456789abcdef0")}
    assert len(keys) == 1


def test_one_single_sign_on_role_is_many_people() -> None:
    people = [identify(with_issuer(role(SSO, who), SSO_ARN), ACCOUNT).key for who in ("a@example.com", "b@example.com")]
    assert people[0] != people[1]
