"""From credentials to a CloudTrail source."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

import aioboto3
import msgspec
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader, create_loader

from clients.aws.cloudtrail import CloudTrailHistory
from clients.aws.key_finding import FindKey, no_keys
from clients.aws.moments import read_moment
from clients.aws.pacing import Pacer
from clients.aws.role_looks import RoleLooks
from clients.aws.roles import Roles
from clients.aws.spend.explorer import CostExplorer
from clients.aws.zombies.births import BirthLooks
from clients.aws.zombies.scanning import CALLS_PER_SECOND, ZombieLooks
from engine.errors import InvalidSetting

LOOKUPS_PER_SECOND = 2.0
_NO_PROFILE = {"profile": (None, None, None, None)}


class AwsIdentity(msgspec.Struct, frozen=True):
    """The bot's own way into AWS. Without keys the SDK looks where it always does (profile, container, instance).

    ``find_key`` gives the stored keys of accounts that have no role for it.
    """

    region: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    find_key: FindKey = no_keys


def open_session(identity: AwsIdentity) -> aioboto3.Session:
    """Give an SDK session; one serves any number of clients.

    A profile that the environment names counts only where no keys are given. Raises InvalidSetting when there is no
    such profile, and when the files it is looked for in cannot be read.
    """
    has_keys = bool(identity.access_key_id and identity.secret_access_key)
    core = AioSession(session_vars=_NO_PROFILE if has_keys else None)
    try:
        core.get_scoped_config()
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_moment)
        core.register_component("data_loader", _descriptions(core.get_config_variable("data_path")))
        return aioboto3.Session(
            aws_access_key_id=identity.access_key_id,
            aws_secret_access_key=identity.secret_access_key,
            aws_session_token=identity.session_token,
            region_name=identity.region,
            botocore_session=core,
        )
    except BotoCoreError as error:
        raise InvalidSetting(
            f"The settings for AWS cannot be used: {str(error).rstrip('.')}. Mend AWS_PROFILE and the files it is "
            "looked for in (~/.aws/config and ~/.aws/credentials), or give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error


@cache  # They come with the SDK, and are read once.
def _descriptions(folders: str | None) -> Loader:
    """Give what reads AWS's own descriptions of its services and Regions, of which a session has megabytes.

    By itself every session reads its own, and each part of the bot has one.
    """
    loader: Loader = create_loader(folders)
    return loader


def connect_cloudtrail(
    identity: AwsIdentity, *, clock: Callable[[], datetime], monotonic: Callable[[], float]
) -> CloudTrailHistory:
    """Give a source that reads customers' CloudTrail; nothing is sent before its first use."""
    return CloudTrailHistory(_roles(identity, clock), Pacer(LOOKUPS_PER_SECOND, monotonic))


def connect_roles(identity: AwsIdentity, *, clock: Callable[[], datetime]) -> RoleLooks:
    """Give what looks at customers' roles before they are trusted; nothing is sent before its first use."""
    return RoleLooks(_roles(identity, clock))


def connect_zombies(
    identity: AwsIdentity, *, clock: Callable[[], datetime], monotonic: Callable[[], float]
) -> ZombieLooks:
    """Give what looks for idle resources; nothing is sent before its first use."""
    return ZombieLooks(_roles(identity, clock), Pacer(CALLS_PER_SECOND, monotonic))


def connect_births(
    identity: AwsIdentity, *, clock: Callable[[], datetime], monotonic: Callable[[], float]
) -> BirthLooks:
    """Give what measures the use of what is new; nothing is sent before its first use."""
    return BirthLooks(_roles(identity, clock), Pacer(CALLS_PER_SECOND, monotonic))


def connect_bills(identity: AwsIdentity, *, clock: Callable[[], datetime]) -> CostExplorer:
    """Give what asks Cost Explorer; nothing is sent before its first use."""
    return CostExplorer(_roles(identity, clock))


def _roles(identity: AwsIdentity, clock: Callable[[], datetime]) -> Roles:
    return open_roles(identity, identity.endpoint_url, clock=clock)


def open_roles(identity: AwsIdentity, endpoint_url: str | None, *, clock: Callable[[], datetime]) -> Roles:
    """Give the way into customers' accounts; nothing is sent before its first use."""
    return Roles(
        open_session(identity),
        clock=clock,
        endpoint_url=endpoint_url,
        home_region=identity.region,
        find_key=identity.find_key,
    )
