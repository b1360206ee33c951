"""What an account says of where it stands: which mode holds for it, and whether the plan covers it."""

import pytest

from engine.models.account import GovernanceMode
from tests.handlers.api.office import Office
from tests.handlers.api.test_resources import give
from tests.store.changing import change_account
from tests.store.samples import ACCOUNT, NOW, TENANT

pytestmark = pytest.mark.integration


async def pause(office: Office, account_id: str) -> None:
    paused = {"$set": {"paused_at": NOW}}
    accounts = office.store._database.accounts  # noqa: SLF001 - only the end of a grace does it
    await accounts.update_one({"account_id": account_id}, paused)


async def test_baselines_say_the_mode_that_holds_beside_the_one_that_was_earned(office: Office) -> None:
    path = f"/v1/accounts/{ACCOUNT}"
    await change_account(office.store, TENANT, ACCOUNT, mode=GovernanceMode.AUDIT)
    shown = (await give(office, "GET", f"{path}/baselines"))["maturity"]
    assert (shown["mode"], shown["mode_earned"], shown["mode_set_by"]) == ("audit", "audit", "")
    await give(office, "PATCH", path, {"mode": "strict"})
    shown = (await give(office, "GET", f"{path}/baselines"))["maturity"]
    assert (shown["mode"], shown["mode_earned"], shown["mode_by_policy"]) == ("strict", "audit", False)
    assert shown["mode_set_by"].startswith("key:")


async def test_an_account_that_the_plan_does_not_cover_says_so(office: Office) -> None:
    path = f"/v1/accounts/{ACCOUNT}"
    assert (await give(office, "GET", path))["paused_at"] is None
    assert not (await give(office, "GET", f"{path}/health"))["is_paused"]
    await pause(office, ACCOUNT)
    assert (await give(office, "GET", path))["paused_at"] == "2026-03-10T12:00:00.000Z"
    health = await give(office, "GET", f"{path}/health")
    assert (health["is_paused"], health["in_trouble"]) == (True, True)


async def test_what_the_plan_covers_no_more_is_not_connected(office: Office) -> None:
    """It waited for its role, or was watched, when the tenant went back to Free: nobody is told that it is watched."""
    new = "777788889999"
    await give(office, "POST", "/v1/accounts/setup", {"account_id": new})
    for account_id, status in ((new, "pending"), (ACCOUNT, "active")):
        await pause(office, account_id)
        asked = {"aws_account_id": account_id, "role_arn": f"arn:aws:iam::{account_id}:role/good"}
        refusal = await give(office, "POST", "/v1/accounts", asked, 403)
        assert refusal["upgrade_url"] == "https://costs.example/billing/checkout"
        assert (await give(office, "GET", f"/v1/accounts/{account_id}"))["status"] == status
