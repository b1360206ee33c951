"""Customers' roles and keys, looked at before we trust them."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from engine.models.access_key import AccessKey, SealedAccessKey
from engine.models.account import AwsAccount
from engine.models.connection import RegionStates


class CustomerRoles(Protocol):
    """AWS, asked through what opens the account given: a role by its ARN and external id, or a key.

    Every method raises AccessDenied where AWS refuses (its ``code`` is AWS's own), and Unavailable or Throttled where
    nothing is known.
    """

    async def assume(self, role_arn: str, external_id: str | None) -> None:
        """Raise AccessDenied when the role cannot be assumed that way; nothing is kept of an earlier success."""
        ...

    async def fetch_principal(self) -> str:
        """Give the ARN of our own identity, which customers' trust policies must name."""
        ...

    async def fetch_region_states(self, account: AwsAccount) -> RegionStates: ...

    async def fetch_alias(self, account: AwsAccount) -> str:
        """The account's alias, or an empty string."""
        ...

    async def fetch_newest_record_time(self, account: AwsAccount, region: str) -> datetime | None:
        """The time of the newest record that CloudTrail's history of a Region shows, None where it is empty."""
        ...

    async def try_action(self, account: AwsAccount, action: str) -> None:
        """Make the smallest call that needs ``action``; it changes nothing and reads no data."""
        ...


class CustomerKeys(Protocol):
    """AWS, asked with a key before that is stored."""

    async def fetch_owner(self, key: AccessKey) -> str:
        """Give the ARN of whoever a key belongs to. Raises AccessDenied or Rejected when AWS does not take it."""
        ...

    def holding(self, account: AwsAccount, key: AccessKey) -> AbstractContextManager[None]:
        """Until the end, look at the account with this key."""
        ...


class KeySealing(Protocol):
    """What keeps keys from being read where they are stored."""

    def seal(self, tenant_id: str, account_id: str, key: AccessKey, by: str, at: datetime) -> SealedAccessKey:
        """Give a key as it is stored with its account: it opens for that tenant's account and for no other."""
        ...
