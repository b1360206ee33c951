"""CloudTrail's LookupEvents through customers' roles."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from clients.aws.errors import EXPIRED, translated
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from engine.errors import AccessDenied, UpstreamError
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
    ) -> AsyncGenerator[Sequence[bytes], None]:
        """Yield pages of raw write records in ``[start, end]``, newest first.

        The window stays the same for all pages, because a token is only good for the parameters it came with. Reading
        may outlast the credentials: new ones go on at the same page. Raises AccessDenied, Throttled, Unavailable or
        Rejected; pages yielded before that are good.
        """
        request = {"LookupAttributes": _WRITES_ONLY, "StartTime": start, "EndTime": end, "MaxResults": _PAGE}
        renewed = False
        while True:
            try:
                async with aclosing(self._pages(account, region, request)) as pages:
                    async for page in pages:
                        yield page
                        renewed = False
                return
            except UpstreamError as error:
                self._forget_refused(account, error)
                if error.code not in EXPIRED or renewed:
                    raise
                renewed = True

    async def _pages(
        self, account: AwsAccount, region: str, request: dict[str, Any]
    ) -> AsyncGenerator[Sequence[bytes], None]:
        """Yield pages with one set of credentials; ``request`` always holds what is to be asked next."""
        doing = f"Reading CloudTrail of account {account.account_id} in {region}"
        async with translated(doing), self._roles.acting(account, "cloudtrail", region, doing=doing) as client:
            while True:
                await self._pacer.wait(account.account_id, region)
                page = await client.call("lookup_events", **request)
                request["NextToken"] = page.get("NextToken")
                yield [_raw(event) for event in page.get("Events", [])]
                if not request["NextToken"]:
                    return

    def _forget_refused(self, account: AwsAccount, error: UpstreamError) -> None:
        """Credentials end before their time when their role is made anew; only assuming it again shows that."""
        if error.code in EXPIRED or isinstance(error, AccessDenied):
            self._roles.forget(account)

    async def fetch_regions(self, account: AwsAccount) -> tuple[str, ...]:
        """Give the Regions that are on in the account, sorted."""
        doing = f"Listing the Regions of account {account.account_id}"
        async with translated(doing), self._roles.acting(account, "ec2", doing=doing) as client:
            answer = await client.call("describe_regions")
        return tuple(sorted(region["RegionName"] for region in answer["Regions"]))


def _raw(event: dict[str, Any]) -> bytes:
    """A page element carries the record as JSON text; one without it is malformed, and intake will name it."""
    return str(event.get("CloudTrailEvent", "")).encode("utf-8", "backslashreplace")
