"""Looks at customers' roles and keys: who may use them, and what they may do."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from clients.aws.errors import translated
from clients.aws.roles import Roles
from clients.aws.tried_calls import TRIED_CALLS
from engine.errors import Rejected
from engine.models.access_key import AccessKey
from engine.models.account import AwsAccount
from engine.models.connection import RegionStates

_OFF = "not-opted-in"


class RoleLooks:
    """Asks AWS in a customer's account; nothing it calls changes anything or reads a customer's data."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def assume(self, role_arn: str, external_id: str | None) -> None:
        """Raise AccessDenied when the role cannot be assumed that way; nothing is kept of an earlier success."""
        await self._roles.assume(role_arn, external_id)

    async def fetch_principal(self) -> str:
        """Give the ARN that customers' trust policies must name."""
        return await self._roles.own_arn()

    async def fetch_owner(self, key: AccessKey) -> str:
        """Give the ARN of whoever a key belongs to. Raises AccessDenied or Rejected when AWS does not take it."""
        return await self._roles.owner_of(key)

    def holding(self, account: AwsAccount, key: AccessKey) -> AbstractContextManager[None]:
        """Until the end, look at the account with a key that is not stored yet."""
        return self._roles.holding(account, key)

    async def fetch_region_states(self, account: AwsAccount) -> RegionStates:
        """Give the account's Regions, those that are on and those that are not."""
        doing = f"Listing the Regions of account {account.account_id}"
        async with translated(doing), self._roles.acting(account, "ec2", doing=doing) as client:
            found = (await client.call("describe_regions", AllRegions=True))["Regions"]
        off = {one["RegionName"] for one in found if one.get("OptInStatus") == _OFF}
        return RegionStates(
            on=tuple(sorted({one["RegionName"] for one in found} - off)),
            off=tuple(sorted(off)),
        )

    async def fetch_alias(self, account: AwsAccount) -> str:
        """Give the account's alias, or an empty string."""
        doing = f"Reading the alias of account {account.account_id}"
        async with translated(doing), self._roles.acting(account, "iam", doing=doing) as client:
            aliases = (await client.call("list_account_aliases")).get("AccountAliases", [])
        return str(aliases[0]) if aliases else ""

    async def fetch_newest_record_time(self, account: AwsAccount, region: str) -> datetime | None:
        """Give the time of the newest record that CloudTrail's history shows, None where it is empty."""
        doing = f"Reading CloudTrail of account {account.account_id} in {region}"
        async with translated(doing), self._roles.acting(account, "cloudtrail", region, doing=doing) as client:
            found = (await client.call("lookup_events", MaxResults=1)).get("Events", [])
        time: datetime | None = found[0].get("EventTime") if found else None
        return time.astimezone(UTC) if time else None

    async def try_action(self, account: AwsAccount, action: str) -> None:
        """Make the smallest call that needs ``action``. Whatever AWS says but that it is denied means that it is not.

        What is asked for need not exist, because AWS looks at permissions first.
        """
        service, operation, parameters = TRIED_CALLS[action]
        doing = f"Trying {action} in account {account.account_id}"
        try:
            async with translated(doing), self._roles.acting(account, service, doing=doing) as client:
                await client.call(operation, **parameters)
        except Rejected:
            return
