"""Each writer of an account sets fields of its own: what others changed since it read the account stays.

In memory and on a real mongod.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engine.models.account import AccountStatus, Arrivals, AwsAccount, GovernanceMode
from engine.models.connection import RoleCheck
from engine.models.sensitivity import Sensitivity, SensitivityRule
from store.accounts import Accounts
from store.connect import Store
from tests.store.changing import change_account
from tests.store.samples import ACCOUNT, HOUR, NOW, TENANT, account, audit_record, cursor

# Every field of an account as somebody else leaves it, after the writer has read the account.
MEANWHILE: dict[str, Any] = {
    "name": "renamed",
    "status": AccountStatus.DENIED,
    "external_id": "another",
    "role_arn": f"arn:aws:iam::{ACCOUNT}:role/another",
    "regions": ("us-east-1", "eu-west-1", "ap-south-1"),
    "connected_at": NOW - HOUR,
    "mode": GovernanceMode.AUDIT,
    "mode_set_by": "U7",
    "sensitivities": (SensitivityRule(level=Sensitivity.HIGH),),
    "cursors": (cursor("ap-south-1"),),
    "status_detail": "said meanwhile",
    "records_read": 70,
    "records_malformed": 7,
    "last_malformed": "read meanwhile",
    "unknown_prices": 17,
    "history_alerts": 27,
    "arrivals": {"push": {"ap-south-1": Arrivals(last_record_time=NOW)}},
    "role_check": RoleCheck(checked_at=NOW, usable=True),
    "regions_learned": 37,
    "paused_at": NOW,
    "strict_set_by": "U8",
    "access_key_id": "AKIAMEANWHILEEXAMPLE",
}
RULE = SensitivityRule(level=Sensitivity.LOW, service="rds")
Writer = Callable[[Accounts, AwsAccount], Awaitable[object]]

# Writer -> the fields it sets, and those that must be as it read them, or it does not write at all.
WRITERS: dict[str, tuple[Writer, set[str], set[str]]] = {
    "open_account": (
        lambda accounts, read: accounts.open_account(TENANT, read, audit_record()),
        {"name", "status", "status_detail", "role_arn", "role_check", "regions_learned", "access_key_id"},
        set(),
    ),
    "add_regions": (lambda accounts, _: accounts.add_regions(TENANT, ACCOUNT, ["eu-north-1"]), {"regions"}, set()),
    "save_access": (
        lambda accounts, read: accounts.save_access(TENANT, read, AccountStatus.DENIED, "It does not open."),
        {"status", "status_detail"},
        {"role_arn", "access_key_id"},
    ),
    "promote_account": (
        lambda accounts, _: accounts.promote_account(TENANT, ACCOUNT, audit_record()),
        {"mode"},
        {"status", "mode_set_by"},
    ),
    "begin_leaving": (
        lambda accounts, _: accounts.begin_leaving(TENANT, ACCOUNT, "It goes.", audit_record()),
        {"status", "status_detail"},
        set(),
    ),
    "save_progress": (
        lambda accounts, read: accounts.save_progress(TENANT, read),
        {"status", "status_detail", "regions_learned", "history_alerts", "mode"},
        set(),
    ),
    "keep_refusal": (lambda accounts, read: accounts.keep_refusal(TENANT, read), {"role_arn", "role_check"}, set()),
    "save_sensitivities": (
        lambda accounts, _: accounts.save_sensitivities(TENANT, ACCOUNT, [RULE], audit_record()),
        {"sensitivities"},
        set(),
    ),
    "save_mode_choice": (
        lambda accounts, _: accounts.save_mode_choice(TENANT, ACCOUNT, "U1", audit_record()),
        {"strict_set_by"},
        set(),
    ),
    "save_cursors": (lambda accounts, _: accounts.save_cursors(TENANT, ACCOUNT, [cursor()]), {"cursors"}, set()),
    "count_records": (
        lambda accounts, _: accounts.count_records(
            TENANT, ACCOUNT, read=1, malformed=1, unknown_prices=1, last_malformed="x"
        ),
        {"records_read", "records_malformed", "unknown_prices", "last_malformed"},
        set(),
    ),
    "save_arrivals": (
        lambda accounts, _: accounts.save_arrivals(TENANT, ACCOUNT, "push", {"us-east-1": Arrivals()}),
        {"arrivals"},
        set(),
    ),
}
# These write only while the account is where their work begins.
AT = {"save_progress": AccountStatus.LEARNING, "keep_refusal": AccountStatus.PENDING}


def fields(found: AwsAccount) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def test_every_field_and_every_writer_is_here() -> None:
    assert set(MEANWHILE) == set(AwsAccount.__struct_fields__) - {"account_id"}
    writers = {name for name in vars(Accounts) if not name.startswith(("_", "find_"))}
    assert set(WRITERS) == writers - {"insert_account"}


@pytest.mark.parametrize("name", WRITERS)
async def test_what_others_changed_meanwhile_stays(store: Store, name: str) -> None:
    write, own, needed = WRITERS[name]
    at = AT.get(name, AccountStatus.ACTIVE)
    read = await change_account(store, TENANT, ACCOUNT, status=at, status_detail="as read", regions_learned=1)
    kept = own | needed | ({"status"} if name in AT else set())
    meanwhile = {field: value for field, value in MEANWHILE.items() if field not in kept}
    await change_account(store, TENANT, ACCOUNT, **meanwhile)
    before = await store.accounts.find_account(TENANT, ACCOUNT)
    await write(store.accounts, read)
    after = fields(await store.accounts.find_account(TENANT, ACCOUNT))
    assert {field: value for field, value in after.items() if field not in own} == {
        field: value for field, value in fields(before).items() if field not in own
    }


@pytest.mark.parametrize("changed", [{"role_arn": "another"}, {"access_key_id": "AKIA"}, {"status": "learning"}])
async def test_whether_the_old_way_in_opens_says_nothing_of_the_new_one(store: Store, changed: dict[str, Any]) -> None:
    read = await store.accounts.find_account(TENANT, ACCOUNT)
    expected = await change_account(store, TENANT, ACCOUNT, **changed)
    await store.accounts.save_access(TENANT, read, AccountStatus.DENIED, "It does not open.")
    assert fields(await store.accounts.find_account(TENANT, ACCOUNT)) == fields(expected)


async def test_an_account_from_before_there_were_keys_can_be_denied(store: Store) -> None:
    read = await store.accounts.find_account(TENANT, ACCOUNT)
    await store._database.accounts.update_one({}, {"$unset": {"access_key_id": ""}})  # noqa: SLF001 - as it was then
    await store.accounts.save_access(TENANT, read, AccountStatus.DENIED, "It does not open.")
    found = await store.accounts.find_account(TENANT, ACCOUNT)
    assert (found.status, found.status_detail) == (AccountStatus.DENIED, "It does not open.")


@pytest.mark.parametrize("changed", [{"mode_set_by": "U1"}, {"mode": "audit"}, {"status": AccountStatus.DENIED}])
async def test_who_is_not_in_default_strict_mode_any_more_is_not_promoted(
    store: Store, changed: dict[str, Any]
) -> None:
    await change_account(store, TENANT, ACCOUNT, **changed)
    before = await store.accounts.find_account(TENANT, ACCOUNT)
    assert not await store.accounts.promote_account(TENANT, ACCOUNT, audit_record())
    assert await store.accounts.find_account(TENANT, ACCOUNT) == before
    assert (await store.audit.find_chain(TENANT)).entries == ()


async def test_regions_that_two_found_are_all_watched_once(store: Store) -> None:
    read = await store.accounts.find_account(TENANT, ACCOUNT)
    await store.accounts.add_regions(TENANT, ACCOUNT, ["eu-north-1", "us-east-1"])
    await store.accounts.open_account(TENANT, account(regions=(*read.regions, "ap-south-1")), audit_record())
    found = (await store.accounts.find_account(TENANT, ACCOUNT)).regions
    assert sorted(found) == ["ap-south-1", "eu-north-1", "eu-west-1", "us-east-1"]
