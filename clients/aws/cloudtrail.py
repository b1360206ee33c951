"""CloudTrail's LookupEvents through customers' roles."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from clients.aws.errors import EXPIRED, translated
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from engine.errors import UpstreamError
from engine.models.account import AwsAccount

_WRITES_ONLY = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
_PAGE = 50


class CloudTrailHistory:
    """The last 90 days of an account's management events, as CloudTrail keeps them for everyone."""

    def __init__(self, roles: Roles, pacer: Pacer) -> None:
        self._roles = roles
        self._pacer = pacer

    async def lookup(
        self, account: AwsAccount, region: str, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[bytes]]:
        """Yield pages of raw write records in ``[start, end]``, newest first.

        The window stays the same for all pages, because a token is only good for the parameters it came with. Raises
        AccessDenied, Throttled, Unavailable or Rejected; pages yielded before that are good.
        """
        request = {"LookupAttributes": _WRITES_ONLY, "StartTime": start, "EndTime": end, "MaxResults": _PAGE}
        doing = f"Reading CloudTrail of account {account.account_id} in {region}"
        try:
            async with translated(doing), await self._roles.client(account, "cloudtrail", region) as client:
                while True:
                    await self._pacer.wait(account.account_id, region)
                    page = await client.lookup_events(**request)
                    yield [_raw(event) for event in page.get("Events", [])]
                    if not page.get("NextToken"):
                        return
                    request["NextToken"] = page["NextToken"]
        except UpstreamError as error:
            if error.code in EXPIRED:
                self._roles.forget(account)
            raise

    async def fetch_regions(self, account: AwsAccount) -> tuple[str, ...]:
        """Give the Regions that are on in the account, sorted."""
        doing = f"Listing the Regions of account {account.account_id}"
        async with translated(doing), await self._roles.client(account, "ec2") as client:
            answer = await client.describe_regions()
        return tuple(sorted(region["RegionName"] for region in answer["Regions"]))

    async def fetch_alias(self, account: AwsAccount) -> str:
        """Give the account's alias, or an empty string."""
        doing = f"Reading the alias of account {account.account_id}"
        async with translated(doing), await self._roles.client(account, "iam") as client:
            answer = await client.list_account_aliases()
        aliases = answer.get("AccountAliases", [])
        return str(aliases[0]) if aliases else ""

    async def assume(self, account: AwsAccount, *, with_external_id: bool = True) -> None:
        """Raise AccessDenied when the role cannot be assumed that way."""
        await self._roles.assume(account, with_external_id=with_external_id)

    async def fetch_principal(self) -> str:
        """Give the ARN that customers' trust policies must name."""
        return await self._roles.own_arn()


def _raw(event: dict[str, Any]) -> bytes:
    """A page element carries the record as JSON text; one without it is malformed, and intake will name it."""
    return str(event.get("CloudTrailEvent", "")).encode("utf-8", "backslashreplace")
