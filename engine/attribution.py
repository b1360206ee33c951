"""Who did it: a stable key for the identity behind a record.

Keys outlive sessions: a role is its ARN whatever the session is called, but an IAM Identity Center role is many people,
told apart by the session name (their e-mail address).
"""

import re
from collections.abc import Callable

from engine.fields import Json, get, text
from engine.models.cost_event import Actor, ActorKind

_SSO_ROLE = "AWSReservedSSO_"
_SERVICE_ROLE_PATH = "/aws-service-role/"
_INSTANCE_SESSION = re.compile(r"i-[0-9a-f]{8,17}")


def identify(identity: Json, recipient_account_id: str) -> Actor:
    """Give the actor of a record's ``userIdentity``; an identity nobody can name is ``unknown``, never an error.

    >>> identify({"type": "Root", "accountId": "111122223333"}, "111122223333").key
    '111122223333:root'
    """
    source = text(identity, "sessionContext", "sourceIdentity")
    if source:
        return Actor(key=f"source:{source}", kind=ActorKind.PERSON, name=source)
    kind = text(identity, "type") or ""
    return _BY_TYPE.get(kind, _unknown)(identity, recipient_account_id)


def name_of(actor_key: str) -> str:
    """What a person reads for an actor of whom only the key is known.

    >>> name_of("arn:aws:iam::111122223333:user/maria"), name_of("source:maria")
    ('maria', 'maria')
    """
    return _last(actor_key)


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _iam_user(identity: Json, account_id: str) -> Actor:
    arn = text(identity, "arn")
    if not arn:
        return _unknown(identity, account_id)
    return Actor(key=arn, kind=ActorKind.PERSON, name=text(identity, "userName") or _last(arn))


def _assumed_role(identity: Json, account_id: str) -> Actor:
    session_arn = text(identity, "arn") or ""
    issuer = text(identity, "sessionContext", "sessionIssuer", "arn") or _role_of_session(session_arn)
    if not issuer:
        return _unknown(identity, account_id)
    session = _last(session_arn or text(identity, "principalId") or "")
    role = _last(issuer)
    if _SERVICE_ROLE_PATH in issuer:
        return _service(issuer.split(_SERVICE_ROLE_PATH)[1].split("/")[0])
    if role.startswith(_SSO_ROLE) and session:
        return Actor(key=f"{issuer}/{session}", kind=ActorKind.PERSON, name=session)
    return Actor(key=issuer, kind=_role_kind(identity, session), name=role)


def _role_kind(identity: Json, session: str) -> ActorKind:
    federated = get(identity, "sessionContext", "webIdFederationData", "federatedProvider")
    if federated or text(identity, "invokedBy") or _INSTANCE_SESSION.fullmatch(session):
        return ActorKind.AUTOMATION
    return ActorKind.ROLE


def _role_of_session(session_arn: str) -> str:
    """Old records lack the issuer: arn:aws:sts::1:assumed-role/NAME/SESSION still names the role."""
    parts = session_arn.split("/")
    if len(parts) < 2 or ":assumed-role" not in parts[0]:  # noqa: PLR2004 - a role name follows the first slash
        return ""
    return parts[0].replace(":sts:", ":iam:").replace(":assumed-role", ":role") + "/" + parts[1]


def _root(identity: Json, account_id: str) -> Actor:
    return Actor(key=f"{text(identity, 'accountId') or account_id}:root", kind=ActorKind.ROOT, name="root user")


def _federated(identity: Json, account_id: str) -> Actor:
    issuer = text(identity, "sessionContext", "sessionIssuer", "arn") or account_id
    name = _last(text(identity, "arn") or text(identity, "principalId") or "federated user")
    return Actor(key=f"{issuer}/{name}", kind=ActorKind.PERSON, name=name)


def _identity_center(identity: Json, account_id: str) -> Actor:
    user = text(identity, "onBehalfOf", "userId")
    if not user:
        return _unknown(identity, account_id)
    store = text(identity, "onBehalfOf", "identityStoreArn") or ""
    return Actor(key=f"{store}/{user}", kind=ActorKind.PERSON, name=text(identity, "userName") or user)


def _web_identity(identity: Json, account_id: str) -> Actor:
    provider = text(identity, "identityProvider") or account_id
    user = text(identity, "userName") or text(identity, "principalId") or "unknown"
    return Actor(key=f"{provider}/{user}", kind=ActorKind.PERSON, name=user)


def _aws_service(identity: Json, account_id: str) -> Actor:
    invoked_by = text(identity, "invokedBy")
    return _service(invoked_by) if invoked_by else _unknown(identity, account_id)


def _service(name: str) -> Actor:
    return Actor(key=f"service:{name}", kind=ActorKind.AWS_SERVICE, name=name.removesuffix(".amazonaws.com"))


def _foreign_account(identity: Json, account_id: str) -> Actor:
    foreign = text(identity, "accountId") or "unknown"
    if foreign == account_id:
        return _unknown(identity, account_id)
    return Actor(key=f"account:{foreign}", kind=ActorKind.FOREIGN_ACCOUNT, name=f"AWS account {foreign}")


def _unknown(identity: Json, _account_id: str) -> Actor:
    key = text(identity, "arn") or text(identity, "principalId") or text(identity, "invokedBy") or "unknown"
    return Actor(key=key, kind=ActorKind.UNKNOWN, name=_last(key))


_BY_TYPE: dict[str, Callable[[Json, str], Actor]] = {
    "IAMUser": _iam_user,
    "AssumedRole": _assumed_role,
    "Role": _assumed_role,
    "Root": _root,
    "FederatedUser": _federated,
    "IdentityCenterUser": _identity_center,
    "WebIdentityUser": _web_identity,
    "SAMLUser": _web_identity,
    "AWSService": _aws_service,
    "AWSAccount": _foreign_account,
}
