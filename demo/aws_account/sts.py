"""STS: AssumeRole with trust and external id, GetCallerIdentity."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from demo.aws_account.account import AwsAccount
from demo.aws_account.credentials import Caller, CredentialStore, Session
from demo.aws_account.errors import AwsError, Protocol, access_denied
from demo.aws_account.ids import key_id
from demo.aws_account.throttle import Clock
from demo.aws_account.wire import SignedCall, Tree

_ROLE_ARN = re.compile(r"arn:aws:iam::(?P<account_id>\d{12}):role/(?P<role_name>[\w+=,.@/-]+)")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SHORTEST, _LONGEST = 900, 3600


@dataclass(frozen=True)
class Sts:
    """Knows the accounts' roles and issues sessions in them."""

    accounts: Mapping[str, AwsAccount]
    credentials: CredentialStore
    clock: Clock

    def assume_role(self, call: SignedCall, principal: Caller | Session) -> Tree:
        """Temporary credentials, or AccessDenied without a hint which part of the trust failed."""
        seconds = _validated_seconds(call.params)
        account = self._trusting_account(call.params, principal)
        if account is None:
            resource = call.params["RoleArn"]
            raise access_denied(Protocol.QUERY, principal.arn, "sts:AssumeRole", resource)
        session = self.credentials.issue(account, call.params["RoleSessionName"], self.clock(), seconds)
        return _credentials_tree(session)

    def get_caller_identity(self, _call: SignedCall, principal: Caller | Session) -> Tree:
        """Whose credentials these are; needs no permission."""
        if isinstance(principal, Caller):
            user_id = key_id("AIDA", principal.account_id, principal.user_name)
            return {"Arn": principal.arn, "UserId": user_id, "Account": principal.account_id}
        user_id = f"{principal.role_id}:{principal.session_name}"
        return {"Arn": principal.arn, "UserId": user_id, "Account": principal.account.account_id}

    def _trusting_account(self, params: Mapping[str, Any], principal: Caller | Session) -> AwsAccount | None:
        if not (arn := _ROLE_ARN.fullmatch(params["RoleArn"])) or isinstance(principal, Session):
            return None
        account = self.accounts.get(arn["account_id"])
        if account is None or not account.role_exists or account.role_name != arn["role_name"]:
            return None
        trusted = account.trusted_account == principal.account_id
        proven = account.external_id in (None, params.get("ExternalId"))
        return account if trusted and proven else None


def _validated_seconds(params: Mapping[str, Any]) -> int:
    """The session's length in seconds, once every parameter has the form AWS asks for."""
    _require("roleArn", params.get("RoleArn"), re.compile(r".{20,2048}"))
    _require("roleSessionName", params.get("RoleSessionName"), _SESSION_NAME)
    if "ExternalId" in params:
        _require("externalId", params["ExternalId"], _EXTERNAL_ID)
    text = str(params.get("DurationSeconds", _LONGEST))
    if not text.isdecimal() or not _SHORTEST <= int(text) <= _LONGEST:
        raise AwsError(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return int(text)


def _require(name: str, value: str | None, pattern: re.Pattern[str]) -> None:
    if value is None or not pattern.fullmatch(value):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{value or ''}' at '{name}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern.pattern}",
        )


def _credentials_tree(session: Session) -> Tree:
    expiration = datetime.fromtimestamp(session.expires_at, UTC)
    return {
        "AssumedRoleUser": {
            "AssumedRoleId": f"{session.role_id}:{session.session_name}",
            "Arn": session.arn,
        },
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }
