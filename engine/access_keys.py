"""Access keys: what may be one, how one is named without being shown, and what to do about one that AWS refuses."""

import re
from datetime import datetime, timedelta

from engine.errors import InputError
from engine.models.access_key import AccessKey
from engine.models.account import AwsAccount

OLD_AFTER = timedelta(days=90)
"""AWS's own advice on how long a key should be used."""

_KEY_ID = re.compile(r"AKIA[A-Z0-9]{12,124}", re.ASCII)
_TEMPORARY = "ASIA"
_SECRET = re.compile(r"[\w+/=]{16,128}", re.ASCII)
_USER_ARN = re.compile(r"arn:aws[\w-]*:iam::([0-9]{12}):user/\S+", re.ASCII)
_TAIL = 4
_WRONG_SECRET = "SignatureDoesNotMatch"  # noqa: S105 - AWS's word for it, no secret
_UNKNOWN = frozenset({"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"})
_ROLE_IS_GONE = "Its role opens no Region any more: restore it, or connect the account again."


def key_name(key_id: str) -> str:
    """Name a key as people tell theirs apart.

    >>> key_name("AKIAIOSFODNN7EXAMPLE")
    'access key ...MPLE'
    """
    return f"access key ...{key_id[-_TAIL:]}"


def require_key(key: AccessKey) -> None:
    """Raise InputError, which quotes neither half, for what cannot be a user's key.

    >>> require_key(AccessKey(key_id="AKIAIOSFODNN7EXAMPLE", secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    """
    if key.key_id.startswith(_TEMPORARY):
        raise InputError("This access key is a temporary one (ASIA...), which ends within hours. Make one of a user.")
    if not _KEY_ID.fullmatch(key.key_id):
        raise InputError("An access key's id looks like AKIAIOSFODNN7EXAMPLE: capital letters and digits after AKIA.")
    if not _SECRET.fullmatch(key.secret):
        raise InputError(
            "The secret of an access key is one word of letters, digits, + and /, 40 characters as a rule. Copy all of "
            "it, from where AWS showed it once."
        )


def account_of_owner(arn: str) -> str:
    """Give the AWS account of whoever a key belongs to. Raises InputError unless that is a user.

    >>> account_of_owner("arn:aws:iam::111122223333:user/dd0c")
    '111122223333'
    """
    found = _USER_ARN.fullmatch(arn)
    if found is None:
        raise InputError(
            f"This access key belongs to `{arn[:200]}`, who may do far more than read. Make an IAM user that may do "
            "nothing but what `dd0c accounts policy` prints, and give a key of that user."
        )
    return found.group(1)


def refused(key_id: str, code: str, text: str) -> str:
    """Say why AWS takes a key not at all, and what to do.

    >>> refused("AKIAIOSFODNN7EXAMPLE", "InvalidClientTokenId", "").partition(":")[0]
    'AWS does not take access key ...MPLE'
    """
    name = key_name(key_id)
    if code in _UNKNOWN:
        return (
            f"AWS does not take {name}: it is inactive, deleted or mistyped. Look in IAM under Users, Security "
            "credentials: activate it there, or make another."
        )
    if code == _WRONG_SECRET:
        return (
            f"AWS does not take {name}: the secret is another one's, or this machine's clock is off by more than five "
            "minutes."
        )
    return f"AWS does not take {name}: {text}"


def give_another(account_id: str) -> str:
    """Say how another key takes the place of one that is refused."""
    return f"`dd0c accounts rotate {account_id}` takes another one."


def lost_access(account: AwsAccount, code: str, text: str) -> str:
    """Say why no Region of an account that was watched opens any more, and what to do."""
    if not account.access_key_id:
        return f"{_ROLE_IS_GONE} {text}"
    if code in _UNKNOWN:
        return f"{refused(account.access_key_id, code, text)} {give_another(account.account_id)}"
    return (
        f"The user of {key_name(account.access_key_id)} may read no Region any more: attach to it again what "
        f"`dd0c accounts policy` prints. {text}"
    )


def age_fault(account_id: str, key_id: str, given_at: datetime, now: datetime) -> str:
    """Say that a key is old, and how it is replaced; nothing of a younger one."""
    if now - given_at <= OLD_AFTER:
        return ""
    return (
        f"The {key_name(key_id)} of account {account_id} was given {(now - given_at).days} days ago. Make another in "
        f"IAM, say `dd0c accounts rotate {account_id}`, and then delete the old one."
    )
