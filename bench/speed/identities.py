"""Identities as CloudTrail writes them, as JSON."""

import json
from typing import Any

_SESSION = {
    "attributes": {"creationDate": "2026-01-05T09:12:44Z", "mfaAuthenticated": "false"},
    "webIdFederationData": {},
}


def role_identity(account: str, path: str, name: str, session: str, **more: Any) -> str:
    """The identity of a session of a role, as JSON."""
    issuer = {
        "type": "Role",
        "principalId": "AROATFQR7NSC5AU2ZV3IE",
        "arn": f"arn:aws:iam::{account}:role/{path}{name}",
        "accountId": account,
        "userName": name,
    }
    identity = {
        "type": "AssumedRole",
        "principalId": f"AROATFQR7NSC5AU2ZV3IE:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": "ASIATFQR7NSCY7SNEFOM",
        "sessionContext": {"sessionIssuer": issuer, **_SESSION},
    }
    return json.dumps({**identity, **more}, separators=(",", ":"))


def user_identity(account: str, name: str) -> str:
    """The identity of an IAM user, as JSON."""
    identity = {
        "type": "IAMUser",
        "principalId": "AIDATFQR7NSC5AU2ZV3IE",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": "AKIATFQR7NSC8Q4X20BJ",
        "userName": name,
        "sessionContext": _SESSION,
    }
    return json.dumps(identity, separators=(",", ":"))
