"""The one way into customers' accounts: roles, assumed with their external ids, and stored access keys.

Credentials are kept until shortly before they expire.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials

from clients.aws.acting import ActingClient, ActingClients
from clients.aws.errors import translated
from clients.aws.key_finding import FindKey, no_keys
from clients.aws.shared_client import SharedClient
from clients.aws.trust import SharedTrust
from engine.access_keys import key_name
from engine.models.access_key import AccessKey
from engine.models.account import AwsAccount

_SESSION_NAME = "dd0c-cost"
_MARGIN = timedelta(minutes=5)
# A stored key does not end; after a while it is read again, for it may have been replaced.
_KEY_IS_KEPT = _MARGIN + timedelta(minutes=5)
_HOME_REGION = "us-east-1"
_ATTEMPTS = 3
# As many accounts may be in work at once, each with several Regions.
_CONNECTIONS = 50
_MOST_KEPT = 20_000

# What credentials belong to, a role and its external id or an account and its key's id: whoever knows a role's name
# alone gets none that another's external id opened.
_Key = tuple[str, str]


class Credentials(msgspec.Struct, frozen=True):
    """Temporary credentials of one role, or a stored key (which has no session) for as long as it is kept here."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None
    expires_at: datetime

    def __repr__(self) -> str:
        """Show nothing that opens anything."""
        return f"Credentials({self.access_key_id[:4]}..., expires_at={self.expires_at})"


class Roles:
    """Makes SDK clients that act in a customer's account, as its role or with its key.

    One SDK session serves all; every client is closed after use. ``find_key`` gives an account's stored key.
    """

    def __init__(
        self,
        session: aioboto3.Session,
        *,
        clock: Callable[[], datetime],
        endpoint_url: str | None = None,
        home_region: str = _HOME_REGION,
        attempts: int = _ATTEMPTS,
        find_key: FindKey = no_keys,
    ) -> None:
        self._session = session
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._home_region = home_region
        self._find_key = find_key
        self._held: dict[_Key, AccessKey] = {}
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
        """Give the shared client of ``service`` in ``region``, whose calls are signed for the account."""
        known = await self._credentials(account)
        credentials = AioCredentials(known.access_key_id, known.secret_access_key, known.session_token)
        async with self._acting.use(service, region or self._home_region, credentials, doing) as client:
            yield client

    async def client(
        self, account: AwsAccount, service: str, region: str | None = None
    ) -> AbstractAsyncContextManager[Any]:
        """Give a client of its own, with all an SDK's client can do, that acts in the account."""
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
                credentials = await self._fetch(account)
                self._keep(key, credentials)
            return credentials

    async def _fetch(self, account: AwsAccount) -> Credentials:
        if not account.access_key_id:
            return await self.assume(account.role_arn, account.external_id)
        key = self._held.get(_key(account)) or await self._find_key(account.account_id)
        return Credentials(key.key_id, key.secret, None, self._clock() + _KEY_IS_KEPT)

    @contextmanager
    def holding(self, account: AwsAccount, key: AccessKey) -> Iterator[None]:
        """Until the end, act for the account with a key that is not stored yet."""
        self._held[_key(account)] = key
        try:
            yield
        finally:
            del self._held[_key(account)]
            self.forget(account)

    async def owner_of(self, key: AccessKey) -> str:
        """Give the ARN of whoever a key belongs to. Raises AccessDenied or Rejected when AWS does not take it."""
        doing = f"Asking AWS whose {key_name(key.key_id)} is"
        credentials = AioCredentials(key.key_id, key.secret, None)
        async with (
            translated(doing),
            self._acting.use("sts", self._home_region, credentials, doing) as client,
        ):
            return str((await client.call("get_caller_identity"))["Arn"])

    def _keep(self, key: _Key, credentials: Credentials) -> None:
        self._cache.pop(key, None)
        self._cache[key] = credentials
        while len(self._cache) > _MOST_KEPT:
            del self._cache[next(iter(self._cache))]

    def forget(self, account: AwsAccount) -> None:
        """Drop credentials that AWS refused or called expired, so that the next client gets new ones."""
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
    if account.access_key_id:
        return account.account_id, account.access_key_id
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
