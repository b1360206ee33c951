"""Customers' roles, looked at before we trust them."""

from datetime import datetime
from typing import Protocol

from engine.models.account import AwsAccount
from engine.models.connection import RegionStates


class CustomerRoles(Protocol):
    """AWS, asked through a role whose ARN and external id are those of the account given.

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
