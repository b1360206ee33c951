"""How late each source's records come, by Region: noted when they take effect, told in ``/dd0c status``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from engine.cloudtrail.record import Place
from engine.lag_sketch import add_lags
from engine.models.account import Arrivals, AwsAccount
from services.ports import Accounts

POLLING = "polling"
EVENTBRIDGE = "eventbridge"
# Not a source of records: what a Region's scheduled rule says of the way that EventBridge's come.
HEARTBEAT = "heartbeat"

Received = tuple[Place, datetime]


async def note_arrivals(
    accounts: Accounts, tenant_id: str, account_id: str, source: str, received: Sequence[Received]
) -> None:
    """Add records and when they were received to what is known of a source.

    An account's work is done one after the other, so nobody else writes between reading and saving.
    """
    if received:
        account = await accounts.find_account(tenant_id, account_id)
        await accounts.save_arrivals(tenant_id, account_id, source, arrivals_of(account, source, received))


def arrivals_of(account: AwsAccount, source: str, received: Iterable[Received]) -> Mapping[str, Arrivals]:
    """What is known of a source with these records added, for the Regions they are of.

    Only Regions the account has are noted, so that made-up names cannot fill it.
    """
    by_region: dict[str, list[Received]] = defaultdict(list)
    for place, at in received:
        if place.region in account.regions:
            by_region[place.region].append((place, at))
    known = account.arrivals.get(source, {})
    return {region: _added(known.get(region, Arrivals()), found) for region, found in by_region.items()}


def _added(known: Arrivals, received: Sequence[Received]) -> Arrivals:
    times = [place.time for place, _ in received]
    times += [known.last_record_time] if known.last_record_time else []
    lags = ((at - place.time).total_seconds() for place, at in received)
    return Arrivals(last_record_time=max(times), lags=add_lags(known.lags, lags))
