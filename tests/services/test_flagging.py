"""Rules on trial at work: a breaker opens for all processes, keeps what it held back, and lets it be told later."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest

from clients.flags import LocalFlags, load_flags
from engine.cloudtrail.family import Part
from engine.cloudtrail.trial import ON_TRIAL, OnTrial
from engine.examples import FlatPrices
from engine.flags import NO_FLAGS, is_held
from engine.models.anomaly import Decision, DecisionKind
from engine.models.breaker import EVERYWHERE, Scope
from engine.models.cost_event import Change, UsageItem
from services.flagging import Flagging
from services.held_back import Replayed, in_words
from services.intake import Intake
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.on_trial import FLAG, flagging, furnished, held_back, raised, stored
from tests.store.conftest import fresh_database
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    TENANT,
    account,
    anomaly,
)

START = NOW - timedelta(days=10)


@pytest.fixture
async def store() -> Store:
    return await furnished(Store(memory_database(), transactions=False, retention_days=36_500))


@pytest.fixture
async def large_store(mongod_uri: str) -> AsyncIterator[Store]:
    """Where hundreds of anomalies take no time."""
    async with fresh_database(mongod_uri) as database:
        yield await furnished(Store(database, retention_days=36_500))


async def test_without_a_flag_the_database_is_not_asked() -> None:
    class Refusing:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

    quiet = Flagging(LocalFlags(load_flags(), {}), Refusing(), lambda: NOW)  # type: ignore[arg-type] # refuses all
    assert await quiet.flags_for(TENANT, ACCOUNT) is NO_FLAGS
    assert not await quiet.trips(TENANT, ACCOUNT, {}, [anomaly()])


async def test_the_fourth_alert_in_an_hour_opens_the_breaker_and_the_operator_hears_of_it(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await stored(store, raised(1, detected_at=NOW - HOUR / 2), raised(2), raised(3, detected_at=NOW - 2 * HOUR))
    assert not await flagging(store).trips(TENANT, ACCOUNT, {}, [raised(4)])
    assert (await flagging(store).flags_for(TENANT, ACCOUNT)).on == {FLAG}
    with caplog.at_level(logging.ERROR):
        assert await flagging(store).trips(TENANT, ACCOUNT, {}, [raised(4), raised(5)])
    assert (
        f"The rule young_creep is switched off in account {ACCOUNT}: 4 alerts in an hour, 3.0 are allowed"
        in caplog.text
    )
    another_process = flagging(store)
    assert (await another_process.flags_for(TENANT, ACCOUNT)).tripped == {FLAG}


@pytest.mark.integration
async def test_where_much_is_usual_three_times_as_much_is_allowed(large_store: Store) -> None:
    await stored(large_store, *(anomaly(f"usual-{number}", detected_at=NOW - 24 * HOUR) for number in range(560)))
    assert not await flagging(large_store).trips(TENANT, ACCOUNT, {}, [raised(number) for number in range(5)])
    assert await flagging(large_store).trips(TENANT, ACCOUNT, {}, [raised(number) for number in range(6)])


@pytest.mark.integration
async def test_what_the_rule_itself_raised_makes_nothing_usual(large_store: Store) -> None:
    await stored(large_store, *(raised(number, detected_at=NOW - 24 * HOUR) for number in range(460)))
    assert await flagging(large_store).trips(TENANT, ACCOUNT, {}, [raised(number) for number in range(1000, 1004)])


async def test_many_accounts_with_a_little_each_open_it_everywhere(store: Store) -> None:
    await store.accounts.insert_account(TENANT, account("999988887777"))
    await stored(store, raised(1), raised(2))
    assert await flagging(store).trips(TENANT, "999988887777", {}, [raised(3), raised(4)])
    assert await store.breakers.find_breaker(FLAG, Scope(TENANT, "999988887777")) is None
    assert await store.breakers.find_breaker(FLAG, EVERYWHERE)
    assert (await flagging(store).flags_for("any", "other")).tripped == {FLAG}


async def test_what_was_told_before_does_not_count_again(store: Store) -> None:
    before = {one.anomaly_id: one for one in map(raised, range(9))}
    assert not await flagging(store).trips(TENANT, ACCOUNT, before, before.values())


async def test_after_a_reset_the_hour_begins_anew(store: Store) -> None:
    assert await flagging(store).trips(TENANT, ACCOUNT, {}, map(raised, range(4)))
    await stored(store, *map(raised, range(3)))
    assert await held_back(store).reset(FLAG) == 2
    assert await held_back(store).reset(FLAG) == 0
    assert (await flagging(store).flags_for(TENANT, ACCOUNT)).on == {FLAG}
    assert not await flagging(store, NOW + HOUR / 60).trips(TENANT, ACCOUNT, {}, [raised(9)])
    breakers, _ = await held_back(store).find()
    assert all("on again" in line for line in in_words(breakers))


async def test_openings_resets_and_replays_are_in_the_audit_log(store: Store) -> None:
    await flagging(store).trips(TENANT, ACCOUNT, {}, map(raised, range(4)))
    await flagging(store).trips(TENANT, ACCOUNT, {}, map(raised, range(4)))
    await stored(store, raised(1, DecisionKind.LOG))
    for _ in range(2):
        await held_back(store).reset(FLAG)
        await held_back(store).replay(FLAG)
    ours, everywhere = [(await store.audit.find_chain(name)).entries for name in (TENANT, "")]
    assert [(one.action, one.actor, one.account_id) for one in ours] == [
        ("breaker.opened", "dd0c", ACCOUNT),
        ("breaker.closed", "operator", ACCOUNT),
        ("flag.replayed", "operator", ACCOUNT),
    ]
    assert ours[0].details == {"flag": "young_creep", "in_hour": 4, "allowed": "3.0"}
    assert ours[2].details == {"flag": "young_creep", "anomaly_id": "raised-1"}
    assert [one.action for one in everywhere] == ["breaker.opened", "breaker.closed"]


def creeps(people: int) -> Iterator[bytes]:
    """Six quiet days, then so many people start machines all day long."""
    for number in range(6):
        yield launched("ci", START + timedelta(days=number), f"d{number}")
    for number in range(40):
        for person in range(people):
            yield launched(
                f"p{person}", START + timedelta(days=6, hours=2 * number, seconds=person), f"{person}-{number}"
            )


def launched(who: str, at: datetime, name: str) -> bytes:
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/{who}", "userName": who}
    items = [{"instanceId": f"i-{name}", "instanceType": "m5.large"}]
    record: dict[str, object] = {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": "us-east-1",
        "eventID": name,
    }
    record |= {"eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "recipientAccountId": ACCOUNT, "userIdentity": user}
    return json.dumps(
        {**record, "requestParameters": {}, "responseElements": {"instancesSet": {"items": items}}}
    ).encode()


async def decisions(store: Store, people: int, overrides: str) -> list[Decision]:
    trial = flagging(store, overrides=overrides)
    intake = Intake(store.ledger, store.accounts, FlatPrices(), lambda: NOW, flagging=trial)
    await intake.ingest(TENANT, ACCOUNT, list(creeps(people)))
    found = (await store.ledger.load_state(TENANT, ACCOUNT, [], START)).state.anomalies.values()
    return [one.decision for one in found if one.decision.flag]


async def test_batches_are_judged_under_the_flags_of_their_account(store: Store) -> None:
    told = await decisions(store, 2, "young_creep=on")
    assert [one.kind for one in told] == [DecisionKind.ALERT] * 2


async def test_without_the_flag_nothing_is_marked(store: Store) -> None:
    assert await decisions(store, 2, "") == []


async def test_a_batch_that_raises_too_much_is_held_back_whole_and_can_be_told_later(store: Store) -> None:
    held = await decisions(store, 5, "young_creep=on")
    assert (len(held), all(map(is_held, held))) == (5, True)
    entries = (await store.audit.find_chain(TENANT)).entries
    assert [(one.action, one.details.get("alerts")) for one in entries] == [
        ("breaker.opened", None),
        ("alert.suppressed", 5),
    ]
    await held_back(store).reset(FLAG)
    assert await held_back(store).replay(FLAG) == Replayed(told=5)


@pytest.mark.parametrize(("overrides", "read"), [("", 0), ("young_creep=on", 1)])
async def test_a_parser_on_trial_reads_for_accounts_where_its_flag_is_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, overrides: str, read: int
) -> None:
    part = Part(Change.START, "qpu", ("q-1",), usage=(UsageItem("braket/qpu", 1),))
    monkeypatch.setitem(ON_TRIAL, ("braket.amazonaws.com", "CreateQuantumTask"), OnTrial(FLAG, lambda _: (part,)))
    trial = flagging(store, overrides=overrides)
    intake = Intake(store.ledger, store.accounts, FlatPrices(), lambda: NOW, flagging=trial)
    record = launched("ci", START, "q").replace(b"ec2.", b"braket.").replace(b"RunInstances", b"CreateQuantumTask")
    assert (await intake.ingest(TENANT, ACCOUNT, [record])).cost_events == read
