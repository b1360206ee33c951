"""Who calls: the `userIdentity` shapes of CloudTrail, with an address and a client to go with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.aws_account.ids import hex_id, key_id

_SIGNED_IN_BEFORE = timedelta(minutes=3)
"""How long before a call its session began."""


@dataclass(frozen=True)
class Actor:
    """Somebody who calls AWS. `identity` is the part of `userIdentity` that is the same in every call."""

    name: str
    identity: dict[str, Any]
    source_ip: str
    user_agent: str

    def identity_at(self, at: datetime) -> dict[str, Any]:
        """The `userIdentity` of a call at `at`; sessions began a little earlier."""
        context = self.identity.get("sessionContext")
        if context is None:
            return dict(self.identity)
        began = (at - _SIGNED_IN_BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
        attributes = {"creationDate": began, "mfaAuthenticated": "false"}
        return {**self.identity, "sessionContext": {**context, "attributes": attributes}}


def iam_user(account_id: str, user_name: str, *, source_ip: str, user_agent: str) -> Actor:
    """A user with a long-term access key."""
    identity = {
        "type": "IAMUser",
        "principalId": key_id("AIDA", account_id, user_name),
        "arn": f"arn:aws:iam::{account_id}:user/{user_name}",
        "accountId": account_id,
        "accessKeyId": key_id("AKIA", account_id, user_name),
        "userName": user_name,
    }
    return Actor(user_name, identity, source_ip, user_agent)


def assumed_role(
    account_id: str, role_name: str, session_name: str, *, source_ip: str, user_agent: str, path: str = "/"
) -> Actor:
    """A session of a role; `path` is the role's path, which stands in its ARN but not in the session's."""
    role_id = key_id("AROA", account_id, role_name)
    identity = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session_name}",
        "arn": f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}",
        "accountId": account_id,
        "accessKeyId": key_id("ASIA", account_id, role_name, session_name),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:aws:iam::{account_id}:role{path}{role_name}",
                "accountId": account_id,
                "userName": role_name,
            },
        },
    }
    return Actor(role_name, identity, source_ip, user_agent)


def sso_person(account_id: str, permission_set: str, email: str, *, source_ip: str, user_agent: str) -> Actor:
    """A person who signed in through IAM Identity Center; the session name is the e-mail address."""
    role_name = f"AWSReservedSSO_{permission_set}_{hex_id(account_id, permission_set)}"
    path = "/aws-reserved/sso.amazonaws.com/"
    person = assumed_role(account_id, role_name, email, source_ip=source_ip, user_agent=user_agent, path=path)
    return Actor(email, person.identity, source_ip, user_agent)


def autoscaling(account_id: str) -> Actor:
    """EC2 Auto Scaling at work through its service-linked role."""
    role = assumed_role(
        account_id,
        role_name="AWSServiceRoleForAutoScaling",
        session_name="AutoScaling",
        source_ip="autoscaling.amazonaws.com",
        user_agent="autoscaling.amazonaws.com",
        path="/aws-service-role/autoscaling.amazonaws.com/",
    )
    identity = {key: value for key, value in role.identity.items() if key != "accessKeyId"}
    identity["invokedBy"] = "autoscaling.amazonaws.com"
    return Actor(role.name, identity, role.source_ip, role.user_agent)
