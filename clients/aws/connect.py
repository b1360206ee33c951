"""From credentials to a CloudTrail source."""

from collections.abc import Callable
from datetime import datetime

import aioboto3
import msgspec

from clients.aws.cloudtrail import CloudTrailHistory
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles

LOOKUPS_PER_SECOND = 2.0


class AwsIdentity(msgspec.Struct, frozen=True):
    """The bot's own way into AWS. Without keys the SDK looks where it always does (profile, container, instance)."""

    region: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None


def open_session(identity: AwsIdentity) -> aioboto3.Session:
    """Give an SDK session; one serves any number of clients."""
    return aioboto3.Session(
        aws_access_key_id=identity.access_key_id,
        aws_secret_access_key=identity.secret_access_key,
        aws_session_token=identity.session_token,
        region_name=identity.region,
    )


def connect_cloudtrail(
    identity: AwsIdentity, *, clock: Callable[[], datetime], monotonic: Callable[[], float]
) -> CloudTrailHistory:
    """Give a source that reads customers' CloudTrail; nothing is sent before its first use."""
    roles = Roles(open_session(identity), clock=clock, endpoint_url=identity.endpoint_url, home_region=identity.region)
    return CloudTrailHistory(roles, Pacer(LOOKUPS_PER_SECOND, monotonic))
