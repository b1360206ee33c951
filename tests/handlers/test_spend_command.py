"""``/dd0c spend`` and its budgets, as people type them."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from blocks.spend_budgets import budget_notice
from engine.models.post import BudgetNotice
from engine.models.spend import AccountBill, AwsAnomaly, DayBill, Forecast, ServiceCost
from services.spend_budgets import BudgetWatch
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, TENANT
from tests.store.samples import nothing_but, resource

ONE_DAY = timedelta(days=1)
EC2 = "Amazon Elastic Compute Cloud - Compute"


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


async def bill(office: Office, *costs: ServiceCost, troubles: tuple[str, ...] = ()) -> None:
    """Ninety days of the same, a forecast, and something that only AWS found."""
    now, bills = office.world.clock(), office.world.store.bills
    await bills.begin_fetch(TENANT, ACCOUNT, now, fetched_before=now, attempted_before=now)
    await bills.take_call(TENANT, ACCOUNT, now.date().isoformat(), 5)
    days = [DayBill(account_id=ACCOUNT, day=now.date() - back * ONE_DAY, costs=costs) for back in range(90)]
    theirs = AwsAnomaly(
        aws_anomaly_id="a",
        account_id=ACCOUNT,
        first_day=now.date() - ONE_DAY,
        last_day=None,
        service="EC2 - Other",
        region="eu-west-1",
        usage_type="NatGateway-Bytes",
        impact=480.0,
    )
    forecast = Forecast(first_day=now.date(), mean=1000.0, low=900.0, high=1100.0)
    told = AccountBill(account_id=ACCOUNT, fetched_at=now, forecast=forecast, anomalies=(theirs,), troubles=troubles)
    await bills.save_fetched(TENANT, told, days)


async def run(office: Office, hourly_cost: float = 2.0, actor_key: str = "ci") -> None:
    since = office.world.clock() - 5 * ONE_DAY
    running = {"a": resource("a", actor_key=actor_key, since=since, hourly_cost=hourly_cost, service="ec2")}
    ledger, now = office.world.store.ledger, office.world.clock()
    state = await ledger.load_state(TENANT, ACCOUNT, [], now)
    await ledger.commit(TENANT, state, nothing_but(resources=running), now)


async def test_before_any_bill_is_read_what_was_seen_is_told(office: Office) -> None:
    answer = words(await office.type("/dd0c spend"))
    assert "not read yet" in answer
    assert "nothing else is known" in answer


async def test_the_bill_its_chart_and_what_it_alone_knows(office: Office) -> None:
    await bill(office, ServiceCost(EC2, 48.0), ServiceCost("Amazon Bedrock", 52.0), ServiceCost("S3", 9.0, "CNY"))
    answer = await office.type("/dd0c spend --since 7d")
    said = words(answer)
    assert "data_visualization" in said
    for expected in ("bedrock", "NatGateway-Bytes", "AWS's forecast", "1 question to AWS", "billed in CNY too"):
        assert expected in said
    assert "$61,000" not in said  # nothing of the other currency is in a sum
    assert "*bedrock*: billed $416.00" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--by colour", "there is `service`, `account`, `actor` and `tag KEY`"),
        ("--by acount", "Did you mean"),
        ("--since never", "no span of time"),
        ("--page 0", "no page"),
        ("buget", "not understood here"),
        ("budget nobody $5", "No AWS account"),
        ("budget production", "Say it like"),
        (f"budget {ACCOUNT} five", "no sum"),
        (f"budget {ACCOUNT} $5/h", "no sum"),
        (f"budget {ACCOUNT} off", "has no budget"),
    ],
)
async def test_what_is_not_understood_says_what_to_do(office: Office, line: str, said: str) -> None:
    assert said in words(await office.type(f"/dd0c spend {line}"))


async def test_each_account_has_its_month_with_a_band(office: Office) -> None:
    await bill(office, ServiceCost(EC2, 48.0))
    answer = words(await office.type("/dd0c spend --by account"))
    row = answer.partition("By account*")[2]
    assert "; this month $" in row
    assert "by the bill and AWS's forecast" in row
    assert "this month $" not in words(await office.type("/dd0c spend --by service"))


async def test_a_page_beyond_the_last_is_the_last(office: Office) -> None:
    await bill(office, *(ServiceCost(f"service-{number:02}", 30.0 - number) for number in range(25)))
    assert "Page 3 of 3" in words(await office.type("/dd0c spend --page 9"))
    first = words(await office.type("/dd0c spend"))
    assert "service-09" in first
    assert "service-10" not in first


async def test_a_budget_is_set_told_once_for_each_step_and_taken_away(office: Office) -> None:
    await bill(office, ServiceCost(EC2, 10.0))
    store = office.world.store
    assert "of its" not in words(await office.type(f"/dd0c spend budget {ACCOUNT} $1,500"))
    watch = BudgetWatch(store.system, store.tenants, office.world.spend_budgets, store.posts, office.world.clock)
    assert await watch.watch() == 1  # AWS's forecast is beyond 50 or 80 %, what was spent is not
    assert await watch.watch() == 0
    assert "$1,500.00 a month" in words(await office.type("/dd0c spend budget"))
    await office.type(f"/dd0c spend budget {ACCOUNT} $100")
    assert await watch.watch() == 2  # Another budget: both are beyond all of it, and told by one step each.
    assert await watch.watch() == 0
    assert "There is no budget" in words(await office.type(f"/dd0c spend budget {ACCOUNT} off"))
    assert await watch.watch() == 0
    entries = (await store.audit.find_chain(TENANT)).entries
    assert [one.details["to"] for one in entries if one.details.get("setting") == "spend budget"] == [
        "$1,500",
        "$100",
        "off",
    ]


async def test_half_of_a_budget_is_told_then_four_fifths_then_all_each_once(office: Office) -> None:
    await bill(office, ServiceCost(EC2, 10.0))
    store, now = office.world.store, office.world.clock()
    watch = BudgetWatch(store.system, store.tenants, office.world.spend_budgets, store.posts, office.world.clock)
    await office.type(f"/dd0c spend budget {ACCOUNT} $10,000")
    [row] = await office.world.spend_budgets.rows(TENANT)
    assert row.actual_usd < 5000.0
    # The month's forecast grows while what was spent stays below half of the budget.
    for mean, told in ((3000.0, 0), (5500.0, 1), (7000.0, 0), (8500.0, 1), (8000.0, 0), (10500.0, 1), (12000.0, 0)):
        forecast = Forecast(first_day=now.date(), mean=mean - row.actual_usd, low=0.0, high=mean)
        await store.bills.save_fetched(TENANT, AccountBill(account_id=ACCOUNT, fetched_at=now, forecast=forecast), [])
        assert await watch.watch() == told, mean
        assert await watch.watch() == 0
    told_of = []
    while claimed := await store.posts.claim_due(now, 60.0):
        if isinstance(claimed[1].content, BudgetNotice):
            told_of.append((claimed[1].content.percent, claimed[1].content.is_forecast))
    assert told_of == [(50, True), (80, True), (100, True)]


async def test_an_actor_may_have_a_budget(office: Office) -> None:
    await run(office)
    assert "actor *ci*: $50.00 a month" in words(await office.type("/dd0c spend budget ci $50"))
    assert "*ci*: seen" in words(await office.type("/dd0c spend --by actor"))


async def test_an_actor_is_named_as_people_know_it_and_by_all_of_its_key(office: Office) -> None:
    issuer = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_88d411b1963c229d"
    key = f"{issuer}/ann@a.io"
    await run(office, actor_key=key)
    answer = words(await office.type(f"/dd0c spend budget {key} $50"))
    assert f"actor *ann@a.io* `{key}`: $50.00 a month" in answer
    store, now = office.world.store, office.world.clock()
    watch = BudgetWatch(store.system, store.tenants, office.world.spend_budgets, store.posts, office.world.clock)
    assert await watch.watch() == 2
    claimed = await store.posts.claim_due(now, 60.0)
    assert claimed is not None
    assert isinstance(claimed[1].content, BudgetNotice)
    told = budget_notice(claimed[1].content)
    assert told.text.startswith("Actor ann@a.io ")
    assert "% of its budget of $50.00" in told.text
    assert "so far (480 %)" in str(told.blocks)


async def test_who_may_not_change_settings_may_look(office: Office) -> None:
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    bobs = msgspec.structs.replace(tenant, installer_user_id=office.bob.user_id)
    await office.world.store.tenants.save_tenant(bobs)
    assert "takes the role admin" in words(await office.type(f"/dd0c spend budget {ACCOUNT} $5"))
    assert await office.world.store.spend_budgets.find_budgets(TENANT) == []
    assert "There is no budget" in words(await office.type("/dd0c spend budget"))


async def test_by_tag_is_asked_of_aws_and_paged_by_the_same_line(office: Office) -> None:
    await bill(office, ServiceCost(EC2, 48.0))
    answer = words(await office.type("/dd0c spend --by tag team --since 7d"))
    assert "By tag* `team`" in answer
    assert "*web*: billed $16.00" in answer
    assert "*without this tag*: billed $8.00" in answer
    assert "seen $0" not in answer
    assert "2 questions to AWS's Cost Explorer today" in answer
    assert "By tag* `cost center`" in words(await office.type("/dd0c spend --by tag cost center"))
    await office.type("/dd0c spend --by tag budget")
    assert office.teams.asked == ["team", "cost center", "budget"]


@pytest.mark.parametrize("line", ["--by tag", "--by tag $where", "--by tag " + "a" * 129])
async def test_a_tag_without_a_sensible_key_is_explained(office: Office, line: str) -> None:
    assert "/dd0c spend --by tag team" in words(await office.type(f"/dd0c spend {line}"))
    assert office.teams.asked == []
