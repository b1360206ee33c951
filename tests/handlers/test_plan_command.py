"""``/dd0c plan``, and what a plan keeps from being connected."""

import json
from typing import Any

import pytest

from clients.stripe.connect import StripeConnection
from demo.stripe_account import StripeSimulator
from tests.handlers.conftest import Office
from tests.services.world import TENANT

NEW = "444455556666"


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
    shown = await billed.type(f"/dd0c connect {NEW}")
    answer = words(shown)
    assert "watches 1 AWS account" in answer
    assert "See the plans" in answer
    assert '"url": "https://costs.example/billing/checkout"' in answer
    accounts = await billed.world.store.accounts.find_accounts(TENANT)
    assert NEW not in [account.account_id for account in accounts]
    link = billed.slack.ephemerals(billed.ann.user_id)[-1]
    pressed = await billed.slack.click(billed.ann.user_id, billed.channel, link.message_ts, "plan.open_link")
    assert pressed.ack.status == 200  # Slack shows a warning sign beside a link that nobody acknowledges.
