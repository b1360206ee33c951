"""``/dd0c plan``, and what a plan keeps from being connected."""

import json
from typing import Any

import pytest

from clients.stripe.connect import StripeConnection
from demo.aws_account import AwsAccount
from demo.stripe_account import StripeSimulator
from engine.models.account import AccountStatus
from tests.handlers.conftest import NEW_ACCOUNT, Office
from tests.services.world import TENANT
from tests.store.samples import account


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


@pytest.fixture
def billed(office: Office, connection: StripeConnection) -> Office:
    """The same office where people pay."""
    office.plans._gateway = connection.gateway  # noqa: SLF001 - the routes hold this very object already
    return office


async def test_without_billing_everything_is_included(office: Office) -> None:
    assert "no billing" in words(await office.type("/dd0c plan"))


async def test_free_leads_to_the_checkout_and_pro_to_the_portal(billed: Office, stripe: StripeSimulator) -> None:
    answer = words(await billed.type("/dd0c plan"))
    assert "Upgrade to Pro" in answer
    assert f"{stripe.url}/pay/" in answer
    assert "takes no other words" in words(await billed.type("/dd0c plan please"))


async def test_beyond_the_plan_an_account_is_refused_with_the_way_on(billed: Office) -> None:
    shown = await billed.type(f"/dd0c connect {NEW_ACCOUNT}")
    answer = words(shown)
    assert "watches 1 AWS account" in answer
    assert "See the plans" in answer
    assert '"url": "https://costs.example/billing/checkout"' in answer
    accounts = await billed.world.store.accounts.find_accounts(TENANT)
    assert NEW_ACCOUNT not in [account.account_id for account in accounts]
    link = billed.slack.ephemerals(billed.ann.user_id)[-1]
    pressed = await billed.slack.click(billed.ann.user_id, billed.channel, link.message_ts, "plan.open_link")
    assert pressed.ack.status == 200  # Slack shows a warning sign beside a link that nobody acknowledges.


@pytest.mark.parametrize("status", [AccountStatus.PENDING, AccountStatus.ACTIVE])
async def test_what_the_plan_covers_no_more_is_not_said_to_be_connected(
    billed: Office, customer: AwsAccount, status: AccountStatus
) -> None:
    """It waited for its role, or was watched, when the tenant went back to Free; its role is not even tried."""
    paused = account(NEW_ACCOUNT, status=status, paused_at=billed.world.clock(), role_arn="")
    await billed.world.store.accounts.insert_account(TENANT, paused)
    answer = words(await billed.type(f"/dd0c connect {customer.role_arn}"))
    assert "watches 1 AWS account" in answer
    assert '"url": "https://costs.example/billing/checkout"' in answer
    assert await billed.world.store.accounts.find_account(TENANT, NEW_ACCOUNT) == paused
