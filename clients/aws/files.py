"""From credentials to buckets and to the queue that names new files in them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

import aioboto3
from aiobotocore.config import AioConfig

from clients.aws.connect import AwsIdentity, open_session
from clients.aws.roles import Roles
from clients.aws.shared_client import OpenClient
from clients.aws.sqs_channel import region_of
from clients.aws.trust import SharedTrust
from engine.errors import AccessDenied
from engine.models.account import AwsAccount

FindAccount = Callable[[], Awaitable[AwsAccount | None]]
_CONNECTIONS = 32


def own_s3(identity: AwsIdentity, endpoint_url: str | None) -> OpenClient:
    """Open S3 with the bot's own credentials, at ``endpoint_url`` where that is not AWS's."""
    session, endpoint = open_session(identity), endpoint_url or identity.endpoint_url

    async def open_client() -> AbstractAsyncContextManager[Any]:
        return _client(session, "s3", identity.region, endpoint)

    return open_client


def role_s3(roles: Roles, find_account: FindAccount, account_id: str) -> OpenClient:
    """Open S3 as a connected account's role or with its key, which are asked for anew each time."""

    async def open_client() -> AbstractAsyncContextManager[Any]:
        account = await find_account()
        if account is None or not account.is_connected:
            raise AccessDenied(f"AWS account {account_id} is to open its trail, but it is not connected.")
        return await roles.client(account, "s3")

    return open_client


def own_sqs(identity: AwsIdentity, queue_url: str) -> OpenClient:
    """Open SQS where the queue's address says it is."""
    session, parts = open_session(identity), urlsplit(queue_url)

    async def open_client() -> AbstractAsyncContextManager[Any]:
        region = region_of(queue_url) or identity.region
        return _client(session, "sqs", region, f"{parts.scheme}://{parts.netloc}")

    return open_client


def _client(
    session: aioboto3.Session, service: str, region: str, endpoint_url: str | None
) -> AbstractAsyncContextManager[Any]:
    """Other stores than AWS's know buckets by path only."""
    config = AioConfig(
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=_CONNECTIONS,
        http_session_cls=SharedTrust,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path"} if endpoint_url else {},
    )
    client: AbstractAsyncContextManager[Any] = session.client(  # type: ignore[call-overload] # any service
        service, region_name=region, endpoint_url=endpoint_url, config=config
    )
    return client
