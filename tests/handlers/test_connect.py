"""``/dd0c connect``, from the account's number to an account that is watched."""

import json
from typing import Any

import msgspec
import pytest

from demo.aws_account import AwsAccount
from engine.models.account import AccountStatus
from engine.models.work import WorkItem, WorkKind
from tests.handlers.conftest import NEW_ACCOUNT, Office
from tests.services.world import EXTERNAL_ID, TENANT


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


def lines_of_buttons(answer: dict[str, Any]) -> list[str]:
    rows = [block for block in answer["blocks"] if block["type"] == "actions"]
    return [button["value"] for row in rows for button in row["elements"]]


async def stored(office: Office) -> Any:
    return await office.world.store.accounts.find_account(TENANT, NEW_ACCOUNT)


async def test_connecting_takes_a_link_and_a_button(office: Office, customer: AwsAccount) -> None:
    first = await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    assert f"param_ExternalId={EXTERNAL_ID}" in words(first)
    assert "999988887777%3Auser%2Fdd0c-hub" in words(first)
    dashed = "-".join((NEW_ACCOUNT[:4], NEW_ACCOUNT[4:8], NEW_ACCOUNT[8:]))
    for account_id in (NEW_ACCOUNT, dashed):  # Asked again, the same.
        assert EXTERNAL_ID in words(await office.type(f"/dd0c connect {account_id}"))
    ready = lines_of_buttons(first)[0]
    assert ready == f"connect {customer.role_arn}"
    done = await office.type(f"/dd0c {ready}")
    assert "Connected: acme-lab (444455556666). Watching 2 Regions, no record yet." in done["text"]
    account = await stored(office)
    assert (account.status, account.regions) == (AccountStatus.LEARNING, customer.regions)
    assert office.world.queue.items == [WorkItem(WorkKind.READ_HISTORY, TENANT, NEW_ACCOUNT)]


async def test_whoever_cannot_use_the_link_gets_all_documents(office: Office, customer: AwsAccount) -> None:
    by_hand = lines_of_buttons(await office.type(f"/dd0c connect {NEW_ACCOUNT}"))[1]
    answer = await office.type(f"/dd0c {by_hand}")
    for part in ("sts:ExternalId", "999988887777:user/dd0c-hub", "cloudtrail:LookupEvents", "ce:GetCostAndUsage"):
        assert part in words(answer)
    assert lines_of_buttons(answer) == [f"connect {customer.role_arn}"]


async def test_a_role_that_does_not_open(office: Office, customer: AwsAccount) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    customer.restore_role("another-id")
    answer = await office.type(f"/dd0c connect {customer.role_arn}")
    assert "cannot be assumed" in answer["text"]
    assert EXTERNAL_ID in words(answer)
    assert lines_of_buttons(answer)[0] == f"connect {customer.role_arn}"


async def test_a_role_that_opens_for_everybody(office: Office, customer: AwsAccount) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    customer.restore_role(None)
    answer = await office.type(f"/dd0c connect {customer.role_arn}")
    assert "without its external id" in answer["text"]
    assert (await stored(office)).status is AccountStatus.PENDING


async def test_a_role_that_is_refused_late_takes_nothing_back(
    office: Office, customer: AwsAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wizard's page looks for the usual role by itself while somebody gives another one."""
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    accounts = office.world.store.accounts
    keep = accounts.keep_refusal

    async def keep_late(tenant_id: str, account: Any) -> None:
        line = f"/dd0c connect {customer.role_arn}"
        [answer] = await (await office.slack.run_command(office.bob.user_id, office.channel, line)).wait_for_posts()
        assert "Connected" in answer["text"]
        await keep(tenant_id, account)

    monkeypatch.setattr(accounts, "keep_refusal", keep_late)
    usual = customer.role_arn + "-not-there"
    assert "cannot be assumed" in (await office.type(f"/dd0c connect {usual}"))["text"]
    account = await stored(office)
    assert (account.status, account.role_arn) == (AccountStatus.LEARNING, customer.role_arn)


async def test_permissions_that_lack(office: Office, customer: AwsAccount) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    customer.deny("ec2:DescribeRegions")
    answer = await office.type(f"/dd0c connect {customer.role_arn}")
    assert "`ec2:DescribeRegions`" in words(answer)
    assert (await stored(office)).status is AccountStatus.PENDING
    customer.allow("ec2:DescribeRegions")
    customer.deny("ec2:DescribeInstances")
    answer = await office.type(f"/dd0c connect {customer.role_arn}")
    assert "Connected" in answer["text"]
    assert "zombies: the role may not do ec2:DescribeInstances" in words(answer)


async def test_a_role_before_its_external_id(office: Office, customer: AwsAccount) -> None:
    answer = await office.type(f"/dd0c connect {customer.role_arn}")
    assert f"First say `/dd0c connect {NEW_ACCOUNT}`" in answer["text"]


async def test_an_account_of_another_workspace(office: Office, customer: AwsAccount) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    theirs = msgspec.structs.replace(await office.world.account(), account_id=NEW_ACCOUNT)
    await office.world.store.accounts.insert_account("t-2", theirs)
    for line in (f"/dd0c connect {NEW_ACCOUNT}", f"/dd0c connect {customer.role_arn}"):
        assert "another workspace" in (await office.type(line))["text"]
    assert (await stored(office)).status is AccountStatus.PENDING


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
async def test_a_role_of_another_partition_is_said_to_be_unsupported(office: Office, partition: str) -> None:
    await office.type(f"/dd0c connect {NEW_ACCOUNT}")
    answer = await office.type(f"/dd0c connect arn:{partition}:iam::{NEW_ACCOUNT}:role/dd0c-cost-readonly")
    assert f"`{partition}` is a partition of AWS that is not supported" in answer["text"]
    assert (await stored(office)).status is AccountStatus.PENDING


@pytest.mark.parametrize(
    "rest", ["444455556666 by-hand", "arn:aws:iam::444455556666:role/x manual", "44445555666", "4444-55556666"]
)
async def test_what_else_is_typed_is_answered_with_what_to_type(office: Office, rest: str) -> None:
    assert "/dd0c connect 123456789012" in (await office.type(f"/dd0c connect {rest}"))["text"]
