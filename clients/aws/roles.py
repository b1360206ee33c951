"""Customers' roles, assumed with their external ids; credentials are kept until shortly before they expire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials

from clients.aws.acting import ActingClient, ActingClients
from clients.aws.errors import translated
from clients.aws.shared_client import SharedClient
from clients.aws.trust import SharedTrust
from engine.models.account import AwsAccount

_SESSION_NAME = "dd0c-cost"
_MARGIN = timedelta(minutes=5)
_HOME_REGION = "us-east-1"
_ATTEMPTS = 3
# As many accounts may be in work at once, each with several Regions.
_CONNECTIONS = 50
_MOST_KEPT = 20_000

# What a role's credentials belong to: whoever knows its name alone gets none that another's external id opened.
_Key = tuple[str, str]


class Credentials(msgspec.Struct, frozen=True):
    """Temporary credentials of one role."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Show nothing that opens anything."""
        return f"Credentials({self.access_key_id[:4]}..., expires_at={self.expires_at})"


class Roles:
    """Makes SDK clients that act as a customer's role. One SDK session serves all; every client is closed after use."""

    def __init__(
        self,
        session: aioboto3.Session,
        *,
        clock: Callable[[], datetime],
        endpoint_url: str | None = None,
        home_region: str = _HOME_REGION,
        attempts: int = _ATTEMPTS,
    ) -> None:
        self._session = session
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._home_region = home_region
        self._cache: dict[_Key, Credentials] = {}
        self._locks: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._config = AioConfig(
            connect_timeout=5,
            read_timeout=20,
            http_session_cls=SharedTrust,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=_CONNECTIONS,
        )
        self._sts = SharedClient(self._open_sts)
        self._acting = ActingClients(self._own_client)

    async def assume(self, role_arn: str, external_id: str | None) -> Credentials:
        """Assume a role anew. Raises AccessDenied when its trust policy says no."""
        request = {"RoleArn": role_arn, "RoleSessionName": _SESSION_NAME}
        if external_id is not None:
            request["ExternalId"] = external_id
        doing = f"Assuming {role_arn}"
        async with self._sts.use(doing) as sts, translated(doing):
            answer = (await sts.assume_role(**request))["Credentials"]
        return Credentials(
            answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], answer["Expiration"]
        )

    @asynccontextmanager
    async def acting(
        self, account: AwsAccount, service: str, region: str | None = None, *, doing: str
    ) -> AsyncIterator[ActingClient]:
        """Give the shared client of ``service`` in ``region``, whose calls are signed as the account's role."""
        known = await self._credentials(account)
        credentials = AioCredentials(known.access_key_id, known.secret_access_key, known.session_token)
        async with self._acting.use(service, region or self._home_region, credentials, doing) as client:
            yield client

    async def client(
        self, account: AwsAccount, service: str, region: str | None = None
    ) -> AbstractAsyncContextManager[Any]:
        """Give a client of its own, with all an SDK's client can do, that acts as the account's role."""
        credentials = await self._credentials(account)
        client: AbstractAsyncContextManager[Any] = self._session.client(  # type: ignore[call-overload] # any service
            service,
            region_name=region or self._home_region,
            endpoint_url=self._endpoint_url,
            config=self._config,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
        )
        return client

    async def _credentials(self, account: AwsAccount) -> Credentials:
        """Those that are kept, or new ones; an account's Regions ask at the same time and share one answer."""
        key = _key(account)
        async with self._locks.setdefault(key, asyncio.Lock()):
            credentials = self._cache.get(key)
            if credentials is None or credentials.expires_at - _MARGIN <= self._clock():
                credentials = await self.assume(account.role_arn, account.external_id)
                self._keep(key, credentials)
            return credentials

    def _keep(self, key: _Key, credentials: Credentials) -> None:
        self._cache.pop(key, None)
        self._cache[key] = credentials
        while len(self._cache) > _MOST_KEPT:
            del self._cache[next(iter(self._cache))]

    def forget(self, account: AwsAccount) -> None:
        """Drop credentials that AWS called expired, so that the next client assumes the role anew."""
        self._cache.pop(_key(account), None)

    def _own_client(self, service: str, region: str) -> AbstractAsyncContextManager[Any]:
        client: AbstractAsyncContextManager[Any] = self._session.client(  # type: ignore[call-overload] # any service
            service, region_name=region, endpoint_url=self._endpoint_url, config=self._config
        )
        return client

    async def _open_sts(self) -> AbstractAsyncContextManager[Any]:
        return self._own_client("sts", self._home_region)

    async def own_arn(self) -> str:
        """Give the ARN of the bot's own identity, as customers' trust policies must name it."""
        doing = "Asking AWS who this bot is"
        async with self._sts.use(doing) as sts, translated(doing):
            arn = str((await sts.get_caller_identity())["Arn"])
        return role_arn_of_session(arn)


def _key(account: AwsAccount) -> _Key:
    return account.role_arn, account.external_id


def role_arn_of_session(arn: str) -> str:
    """A session of a role is trusted by the role's ARN; anything else by its own.

    >>> role_arn_of_session("arn:aws:sts::111122223333:assumed-role/dd0c-worker/i-0abc")
    'arn:aws:iam::111122223333:role/dd0c-worker'
    """
    if ":assumed-role/" not in arn:
        return arn
    prefix, path = arn.split(":assumed-role/", 1)
    return f"{prefix.replace(':sts:', ':iam:')}:role/{path.split('/')[0]}"
