"""The digest, the dashboard and the REST API say the same of the same moment."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.digests import due_period
from engine.models.schedule import DigestSchedule
from engine.models.spend import AccountBill, DayBill, Forecast, ServiceCost
from engine.models.spend_report import SpendBy, SpendQuery
from handlers.web.api.spend import spend_of
from services.month_estimate import MonthEstimates
from tests.services.world import ACCOUNT, TENANT, World, stranger
from tests.store.samples import nothing_but, resource
from tests.store.zombie_samples import finding, scan

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
    [account] = spend_of(await world.spend.report(TENANT, SpendQuery(by=SpendBy.ACCOUNT))).rows
    assert account.month == shown.month
    assert shown.reconciliation
    assert digest.spend.reconciliation
    assert shown.reconciliation.billed_usd == digest.spend.reconciliation.billed_usd
    assert digest.spend.reconciliation.difference < 0.1


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 7, 1), 24)],
    ids=["an hour is left out", "an hour comes twice", "a common day"],
)
async def test_a_day_on_which_clocks_change_is_told_alike_everywhere(world: World, day: date, hours: int) -> None:
    """Six dollars an hour run through all of a tenant's day, whatever its length; and two resources are idle."""
    zone, store = ZoneInfo("Europe/Berlin"), world.store
    morning = datetime.combine(day, time(9), zone)
    world.turned.now = (morning - 2 * ONE_DAY).timestamp()
    await world.ingest(world.launch(actor=stranger(0)))
    world.turned.now = morning.timestamp()
    now = world.clock()
    await store.zombies.begin_scan(TENANT, ACCOUNT, now, ended_before=now, begun_before=now)
    await store.zombies.end_scan(TENANT, scan(account_id=ACCOUNT, began_at=now))
    idle = [finding(f"z-{cost}", account_id=ACCOUNT, monthly_cost=cost) for cost in (32.85, 8.1)]
    await store.zombies.save_findings(TENANT, idle)

    period = due_period(DigestSchedule(at=time(9), zone="Europe/Berlin"), now, zone)
    assert period is not None
    assert (period.until - period.since) / timedelta(hours=1) == hours
    digest = await world.digests.report(TENANT, period.since, period.until, zone)
    shown = spend_of(await world.spend.report(TENANT, SpendQuery()))
    [account] = (await world.reports.status(TENANT)).accounts
    month = await MonthEstimates(store.spending, store.bills, world.clock).estimate(TENANT)
    listed = await world.zombies.page(TENANT, None, 1, 50)

    assert digest.burnt_usd == pytest.approx(6.0 * hours)
    assert digest.spent_usd == pytest.approx(6.0 * hours)
    assert digest.chart is not None
    assert sum(bar.usd for bar in digest.chart.bars) == pytest.approx(6.0 * hours, abs=0.05)
    assert digest.running_hourly_cost == shown.hourly_cost_usd == account.running_hourly_cost == 6.0
    assert digest.spend is not None
    assert digest.spend.month == month
    assert (shown.month.so_far_usd, shown.month.total_usd) == (month.so_far_usd, month.total_usd)
    assert digest.zombies is not None
    assert digest.zombies.count == 2
    assert digest.zombies.monthly_cost == pytest.approx(40.95)
    assert (listed.totals.count, listed.totals.monthly_cost) == (digest.zombies.count, digest.zombies.monthly_cost)
