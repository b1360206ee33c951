"""The birth clock over a store: who is told of what, where, and when nothing is said."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from blocks.births import birth_notice
from engine.errors import AccessDenied, NotFound
from engine.models.account import AccountStatus, AwsAccount
from engine.models.cost_event import UsageItem
from engine.models.person import Person
from engine.models.post import BirthNotice, Post
from engine.models.resource import Resource
from engine.models.routing import Route
from engine.zombies.birth import birth_needs
from engine.zombies.models import Described, Series
from services.births import BirthClock
from services.zombie_settings import ZombieSettings
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.store.changing import change_account
from tests.store.samples import (
    ACCOUNT,
    NOW,
    OTHER_TENANT,
    TENANT,
    account,
    audit_record,
    loaded,
    nothing_but,
    resource,
    tenant,
)

REGION = "eu-west-1"
SSO = "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
MARIA = f"{SSO}/maria@acme.example"
HOUR = timedelta(hours=1)


class Aws:
    """Measures nothing but what a test says."""

    def __init__(self) -> None:
        self.used: dict[str, float] = {}
        self.refused = ""
        self.asked: list[str] = []

    async def measure_births(
        self,
        account: AwsAccount,  # noqa: ARG002 - the port asks for all of them
        region: str,
        resources: Sequence[Described],
        now: datetime,  # noqa: ARG002 - the port asks for all of them
    ) -> Mapping[tuple[str, str], Mapping[str, Series]]:
        if region == self.refused:
            raise AccessDenied("You may not.", code="denied")
        self.asked += [one.resource_id for one in resources]
        return {
            (one.kind, one.resource_id): {
                need.name: Series((self.used.get(one.resource_id, 0.0),)) for need in birth_needs(one.kind)
            }
            for one in resources
        }


class Slack:
    """Knows Maria."""

    async def find_by_email(self, tenant_id: str, email: str) -> Person | None:  # noqa: ARG002 - as in the port
        return Person("UMARIA", "Maria") if email == "maria@acme.example" else None

    async def fetch_person(self, tenant_id: str, user_id: str) -> Person:  # noqa: ARG002 - as in the port
        raise NotFound("Nobody asks for that.")


class Place:
    """A store, an AWS and a birth clock whose hands a test moves."""

    def __init__(self) -> None:
        self.store = Store(memory_database(), transactions=False)
        self.aws = Aws()
        self.now = NOW
        self.births = BirthClock(
            lookups=self.store.system,
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            source=self.aws,
            people=Slack(),
            posts=self.store.posts,
            clock=lambda: self.now,
        )

    async def start(self, *resources: Resource) -> None:
        found = nothing_but(resources={one.resource_id: one for one in resources})
        await self.store.ledger.commit(TENANT, loaded(), found, NOW)

    async def told(self, name: str) -> Post | None:
        return await self.store.posts.find_post(TENANT, f"birth/{ACCOUNT}/{name}")

    async def notice(self, name: str) -> BirthNotice:
        post = await self.told(name)
        assert post is not None
        assert isinstance(post.content, BirthNotice)
        return post.content


@pytest.fixture
async def place() -> Place:
    made = Place()
    await made.store.tenants.save_tenant(tenant())
    await made.store.accounts.insert_account(TENANT, account())
    return made


def database(name: str = "orders", *, hours: float = 6, **fields: Any) -> Resource:
    given = {"service": "rds", "resource_type": "db.r5.24xlarge", "actor_key": MARIA, "hourly_cost": 14.4, **fields}
    return resource(f"{REGION}/rds/{name}", region=REGION, since=NOW - hours * HOUR, **given)


async def test_whoever_made_it_is_told_once_in_slack(place: Place) -> None:
    await place.start(database())
    assert await place.births.tell_due() == 1
    post = await place.told(f"{REGION}/rds/orders")
    assert post is not None
    assert post.channel_id == "UMARIA"
    place.now += HOUR
    assert await place.births.tell_due() == 0
    assert place.aws.asked == ["orders"], "what was told is not measured again"
    text = str(birth_notice(await place.notice(f"{REGION}/rds/orders")).blocks)
    for part in ("orders", "<@UMARIA>", "6 hours", "$14.40 an hour", "$86.40 so far", "DatabaseConnections 0"):
        assert part in text
    assert "aws rds stop-db-instance --region eu-west-1 --db-instance-identifier orders" in text


@pytest.mark.parametrize(
    ("engine", "said"),
    [("postgres", "It can be started again; its storage is billed on."), ("docdb", "Its cluster keeps the data.")],
)
async def test_what_its_command_leaves_behind_is_said(place: Place, engine: str, said: str) -> None:
    await place.start(database(usage=(UsageItem(f"rds/{engine}/db.r5.24xlarge/single", 1),)))
    assert await place.births.tell_due() == 1
    assert said in str(birth_notice(await place.notice(f"{REGION}/rds/orders")).blocks)


@pytest.mark.parametrize("actor", ["arn:aws:iam::1:role/maria@acme.example", f"{SSO}/ann@acme.example"])
async def test_the_accounts_channel_is_told_where_slack_knows_nobody(place: Place, actor: str) -> None:
    await place.store.tenants.save_route(TENANT, Route(channel_id="C-ROUTE", account_id=ACCOUNT), audit_record())
    await place.start(database(actor_key=actor))
    assert await place.births.tell_due() == 1
    post = await place.told(f"{REGION}/rds/orders")
    assert post is not None
    assert post.channel_id == "C-ROUTE"


@pytest.mark.parametrize(
    "quiet",
    [
        {"hourly_cost": 0.99},
        {"hourly_cost": None},
        {"hours": 2.9},
        {"hours": 48.1},
        {"running": False},
        {"service": "ec2"},
    ],
)
async def test_what_is_cheap_too_young_old_stopped_or_of_another_kind_is_not_asked_about(
    place: Place, quiet: dict[str, Any]
) -> None:
    await place.start(database(**quiet))
    assert await place.births.tell_due() == 0
    assert place.aws.asked == []


async def test_what_is_used_is_left_alone_and_looked_at_again(place: Place) -> None:
    await place.start(database())
    place.aws.used["orders"] = 2.0
    assert await place.births.tell_due() == 0
    place.aws.used.clear()
    assert await place.births.tell_due() == 1


async def test_a_start_of_many_has_one_notice_and_many_starts_come_bit_by_bit(place: Place) -> None:
    fleet = [database(f"fleet-{number}", anomaly_id="a-1", hourly_cost=10.0 + number) for number in range(5)]
    alone = [database(f"alone-{number}") for number in range(3)]
    await place.start(*fleet, *alone)
    assert await place.births.tell_due() == 3
    assert await place.births.tell_due() == 1
    assert await place.births.tell_due() == 0
    notice = await place.notice(f"{REGION}/a-1")
    assert (notice.resource_id, notice.others, notice.others_hourly_cost) == ("fleet-4", 4, 46.0)


@pytest.mark.parametrize("changed", [{"panic_mode": True}, {"leaving": True}, {"alert_channel_id": ""}])
async def test_a_tenant_that_is_paused_leaves_or_has_no_channel_hears_nothing(
    place: Place, changed: dict[str, Any]
) -> None:
    await place.store.tenants.save_tenant(tenant(**{"installer_user_id": "", **changed}))
    await place.start(database())
    assert await place.births.tell_due() == 0
    assert place.aws.asked == []


@pytest.mark.parametrize("status", [AccountStatus.DENIED, AccountStatus.LEARNING, AccountStatus.DISCONNECTING])
async def test_only_accounts_that_are_watched_are_looked_at(place: Place, status: AccountStatus) -> None:
    await change_account(place.store, TENANT, ACCOUNT, status=status)
    await place.start(database())
    assert await place.births.tell_due() == 0
    assert place.aws.asked == []


async def test_a_region_that_refuses_silences_itself_alone(place: Place) -> None:
    place.aws.refused = "us-east-1"
    refused = msgspec.structs.replace(database(), resource_id="us-east-1/rds/orders", region="us-east-1")
    await place.start(msgspec.structs.replace(refused, hourly_cost=20.0), database())
    assert await place.births.tell_due() == 1
    assert await place.told(f"{REGION}/rds/orders") is not None


async def test_an_account_that_is_gone_stops_no_other(place: Place) -> None:
    elsewhere = nothing_but(resources={"x": msgspec.structs.replace(database(), hourly_cost=90.0)})
    await place.store.ledger.commit(OTHER_TENANT, loaded(tenant_id=OTHER_TENANT), elsewhere, NOW)
    await place.start(database())
    assert await place.births.tell_due() == 1


async def test_a_tenants_own_thresholds_say_what_is_told(place: Place) -> None:
    await place.start(database("cheap", hourly_cost=0.6), database("dear"), database("young", hours=2))
    settings = ZombieSettings(place.store.tenants, lambda: place.now)
    await settings.change(TENANT, "U1", {"birth_usd_an_hour": 20.0})
    assert await place.births.tell_due() == 0
    assert place.aws.asked == [], "what nobody wants to know is not measured"
    await settings.change(TENANT, "U1", {"birth_usd_an_hour": 0.5, "birth_hours": 1.0})
    assert await place.births.tell_due() == 3
    assert sorted(place.aws.asked) == ["cheap", "dear", "young"]
