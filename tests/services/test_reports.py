"""What the commands tell, from stored facts."""

from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.members import SlackMembers
from clients.slack.messages import SlackMessages
from engine.models.account import Experience
from engine.models.search import AnomalyQuery
from engine.models.work import WorkItem, WorkKind
from services.work import Work
from services.workspaces import Workspaces
from tests.services.world import ACCOUNT, DAY, DEPLOY, HOUR, MINUTE, TENANT, World, stranger


async def test_status_tells_how_far_learning_is(world: World) -> None:
    [new] = (await world.reports.status(TENANT)).accounts
    assert (new.history_days, new.events_seen, new.is_young, new.regions_watched) == (0, 0, True, 2)
    await world.ingest(*(world.launch(1, "t3.micro", ago=n * DAY, actor=DEPLOY) for n in range(20)))
    [old] = (await world.reports.status(TENANT)).accounts
    assert (old.history_days, old.events_seen, old.is_young) == (19, 20, False)
    assert old.running_hourly_cost == pytest.approx(20.0)
    assert await world.store.baselines.find_experiences(TENANT) == {ACCOUNT: Experience(world.clock() - 19 * DAY, 20)}


async def test_open_anomalies_are_those_that_people_were_told_of(world: World) -> None:
    await world.ingest(world.launch(2))  # logged only
    world.turn(3 * HOUR)
    await world.ingest(world.launch(6))
    report = await world.reports.status(TENANT)
    assert report.open_anomalies == 1
    listed = await world.findings.list_anomalies(TENANT, AnomalyQuery())
    assert (listed.total, listed.open_count, [row.quantity for row in listed.rows]) == (1, 1, [6])
    assert listed.rows[0].account_name == "production"


async def test_a_list_shows_ten_and_counts_all(world: World) -> None:
    for number in range(12):
        world.turn(3 * HOUR)
        await world.ingest(world.launch(actor=stranger(number)))
    listed = await world.findings.list_anomalies(TENANT, AnomalyQuery())
    assert (len(listed.rows), listed.total) == (10, 12)
    times = [row.first_event_time for row in listed.rows]
    assert times == sorted(times, reverse=True)


async def test_the_digest_sums_up_a_day(world: World) -> None:
    launched = world.launch(6)
    await world.ingest(launched)
    world.turn(timedelta(minutes=90))
    await world.ingest(world.terminate(launched))
    world.turn(3 * HOUR)
    second = world.launch(8, "c5.large")
    await world.ingest(second)
    world.turn(30 * MINUTE)
    report = await world.digests.last_day(TENANT)
    assert (report.resolved_count, report.open_count) == (1, 1)
    assert report.burnt_usd == pytest.approx(6 * 1.5 + 8 * 0.5)
    assert report.saved_per_day_usd == pytest.approx(24 * 6)
    assert report.running_hourly_cost == pytest.approx(8)
    assert [row.resource_type for row in report.rows] == ["c5.large", "m5.large"]
    world.turn(2 * DAY)
    later = await world.digests.last_day(TENANT)
    assert (later.open_count, later.resolved_count) == (1, 0), "what burns on is told every day"
    assert later.burnt_usd == pytest.approx(8 * 24)
    await world.ingest(world.terminate(second))
    world.turn(2 * DAY)
    assert (await world.digests.last_day(TENANT)).is_quiet


async def test_what_is_due_is_queued_and_handled_by_kind(world: World) -> None:
    done: list[tuple[str, str]] = []

    class Doing:
        async def poll(self, _tenant_id: str, account_id: str) -> None:
            done.append(("poll", account_id))

        async def read(self, _tenant_id: str, account_id: str) -> None:
            done.append(("read", account_id))

        async def learn(self, _tenant_id: str, verdict_id: str) -> None:
            done.append(("learn", verdict_id))

        async def ingest(self, _tenant_id: str, account_id: str) -> None:
            done.append(("ingest", account_id))

        async def purge(self, _tenant_id: str, account_id: str) -> None:
            done.append(("purge", account_id))

        async def end_overdue(self, _tenant_id: str, account_id: str) -> None:
            done.append(("end", account_id))

    doing = Doing()
    work = Work(
        poller=doing,  # type: ignore[arg-type] # these methods are all that Work calls
        history=doing,  # type: ignore[arg-type] # the same
        verdicts=doing,  # type: ignore[arg-type] # the same
        inbox=doing,  # type: ignore[arg-type] # the same
        departures=doing,  # type: ignore[arg-type] # the same
        limits=doing,  # type: ignore[arg-type] # the same
        lookups=world.store.system,
        queue=world.queue,
    )
    await work.enqueue_due()
    assert world.queue.items == [WorkItem(WorkKind.POLL, TENANT, ACCOUNT)]
    for kind in WorkKind:
        await work.handle(WorkItem(kind, TENANT, ACCOUNT, "verdict"))
    polled = [("poll", ACCOUNT), ("end", ACCOUNT)]
    assert done == [*polled, ("read", ACCOUNT), ("learn", "verdict"), ("ingest", ACCOUNT), ("purge", ACCOUNT)]


async def nobody_is_told(_tenant_id: str) -> AsyncWebClient:
    raise AssertionError("without an admin there is nobody to be greeted")


async def test_a_workspace_keeps_its_tenant_whatever_it_is_called(world: World) -> None:
    ids = iter(["new-1", "new-2"])
    workspaces = Workspaces(
        tenants=world.store.tenants,
        lookups=world.store.system,
        tokens=None,
        messages=SlackMessages(nobody_is_told),
        members=SlackMembers(nobody_is_told),
        new_id=lambda: next(ids),
        clock=world.clock,
    )
    known = await workspaces.adopt(team_id="T1", team_name="acme", alert_channel_id="C9")
    assert (known.tenant_id, known.alert_channel_id) == (TENANT, "C9")
    new = await workspaces.adopt(team_id="T2", team_name="other", alert_channel_id="C2")
    again = await workspaces.adopt(team_id="T2", team_name="renamed", alert_channel_id="C2")
    assert (new.tenant_id, again.tenant_id, again.team_name) == ("new-1", "new-1", "renamed")
