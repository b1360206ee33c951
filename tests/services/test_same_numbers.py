"""The digest, the dashboard and the REST API say the same of the same moment."""

from datetime import timedelta

from engine.models.spend import AccountBill, DayBill, Forecast, ServiceCost
from engine.models.spend_report import SpendQuery
from handlers.web.api.spend import spend_of
from services.month_estimate import MonthEstimates
from tests.services.world import ACCOUNT, TENANT, World
from tests.store.samples import nothing_but, resource

ONE_DAY = timedelta(days=1)
EC2 = "Amazon Elastic Compute Cloud - Compute"


async def test_running_dollars_and_the_month_are_one_truth(world: World) -> None:
    now, store = world.clock(), world.store
    running = {
        name: resource(name, since=now - 9 * ONE_DAY, hourly_cost=cost) for name, cost in (("a", 2.5), ("b", 0.1))
    }
    await store.ledger.commit(
        TENANT, await store.ledger.load_state(TENANT, ACCOUNT, [], now), nothing_but(resources=running), now
    )
    await store.bills.begin_fetch(TENANT, ACCOUNT, now, fetched_before=now, attempted_before=now)
    days = [
        DayBill(account_id=ACCOUNT, day=now.date() - back * ONE_DAY, costs=(ServiceCost(EC2, 64.1 + back / 7),))
        for back in range(30)
    ]
    forecast = Forecast(first_day=now.date(), mean=640.3, low=600.0, high=700.0)
    await store.bills.save_fetched(TENANT, AccountBill(account_id=ACCOUNT, fetched_at=now, forecast=forecast), days)
    digest = await world.digests.last_day(TENANT)
    shown = spend_of(await world.spend.report(TENANT, SpendQuery()))
    status = await world.reports.status(TENANT)
    dashboard = await MonthEstimates(store.spending, store.bills, world.clock).estimate(TENANT)
    assert digest.running_hourly_cost == shown.hourly_cost_usd == 2.6
    assert sum(one.running_hourly_cost for one in status.accounts) == 2.6
    assert digest.spend
    assert digest.spend.month == dashboard
    assert (shown.month.so_far_usd, shown.month.total_usd) == (dashboard.so_far_usd, dashboard.total_usd)
    assert shown.reconciliation
    assert digest.spend.reconciliation
    assert shown.reconciliation.billed_usd == digest.spend.reconciliation.billed_usd
    assert digest.spend.reconciliation.difference < 0.1
