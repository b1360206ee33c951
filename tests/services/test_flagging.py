"""Rules on trial at work: a breaker opens for all processes, keeps what it held back, and lets it be told later."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from clients.flags import LocalFlags, load_flags, parse_overrides
from engine.cloudtrail.family import Part
from engine.cloudtrail.trial import ON_TRIAL, OnTrial
from engine.examples import FlatPrices
from engine.flags import NO_FLAGS, Flag, FlagSet, is_held, under_flag
from engine.models.account import GovernanceMode, OperatorPanic
from engine.models.anomaly import Anomaly, Decision, DecisionKind
from engine.models.audit import AuditAction, AuditRecord
from engine.models.breaker import EVERYWHERE, Scope
from engine.models.cost_event import Change, UsageItem
from engine.models.policy import NO_POLICY, Policy
from engine.models.verdict import Snooze
from services.flagging import Flagging
from services.held_back import HeldBack, Replayed, in_words
from services.intake import Intake
from services.policies import FixedPolicy
from store.codec import encode
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.store.changing import change_account
from tests.store.conftest import fresh_database
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    TENANT,
    account,
    anomaly,
    cost_event,
    expectation,
    loaded,
    nothing_but,
    resource,
    tenant,
)

FLAG = Flag.YOUNG_CREEP
START = NOW - timedelta(days=10)


@pytest.fixture
async def store() -> Store:
    return await furnished(Store(memory_database(), transactions=False, retention_days=36_500))


@pytest.fixture
async def large_store(mongod_uri: str) -> AsyncIterator[Store]:
    """Where hundreds of anomalies take no time."""
    async with fresh_database(mongod_uri) as database:
        yield await furnished(Store(database, retention_days=36_500))


async def furnished(store: Store) -> Store:
    await store.ensure_indexes()
    await store.tenants.save_tenant(tenant())
    await store.accounts.insert_account(TENANT, account(mode=GovernanceMode.AUDIT))
    return store


def flagging(store: Store, now: datetime = NOW, overrides: str = "young_creep=on") -> Flagging:
    return Flagging(LocalFlags(load_flags(), parse_overrides(overrides)), store.breakers, lambda: now)


def held_back(store: Store, policy: Policy = NO_POLICY) -> HeldBack:
    return HeldBack(
        breakers=store.breakers,
        amendments=store.amendments,
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        patterns=store.patterns,
        policies=FixedPolicy(policy),
        clock=lambda: NOW,
    )


def raised(number: int, kind: DecisionKind = DecisionKind.ALERT, **fields: Any) -> Anomaly:
    return anomaly(f"raised-{number}", decision=Decision(kind, "On trial.", flag=FLAG.value), **fields)


async def stored(store: Store, *anomalies: Anomaly) -> None:
    """Commit anomalies as batches would."""
    _, version = await store.baselines.find(TENANT, ACCOUNT)
    found = {one.anomaly_id: one for one in anomalies}
    await store.ledger.commit(TENANT, loaded(version), nothing_but(anomalies=found), NOW)


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


async def test_what_was_held_back_is_told_once_after_the_reset(store: Store) -> None:
    await flagging(store).trips(TENANT, ACCOUNT, {}, map(raised, range(4)))
    await stored(store, *(raised(number, DecisionKind.LOG) for number in range(4)))
    assert await held_back(store).replay(FLAG) == Replayed(reasons={"a breaker of the rule is open": 4})
    await held_back(store).reset(FLAG)
    assert await held_back(store).replay(FLAG) == Replayed(told=4)
    assert await held_back(store).replay(FLAG) == Replayed()
    assert await store.outbox.find_delivery(TENANT, "raised-3")
    told = await store.anomalies.find_anomaly(TENANT, "raised-3")
    assert (told.decision.kind, "told now" in told.decision.reason) == (DecisionKind.ALERT, True)


async def test_what_was_held_back_to_a_line_of_the_digest_is_told_after_the_reset_too(store: Store) -> None:
    without = Decision(DecisionKind.DIGEST, "Unusual, but it costs too little to interrupt anyone.")
    with_rule = Decision(DecisionKind.ALERT, "Unusual and expensive.")
    decision = under_flag(FLAG, FlagSet(tripped=frozenset({FLAG})), without, with_rule)
    assert (decision.kind, is_held(decision)) == (DecisionKind.DIGEST, True)
    await stored(store, anomaly("raised-1", decision=decision))
    assert await held_back(store).replay(FLAG) == Replayed(told=1)
    assert await held_back(store).replay(FLAG) == Replayed()


async def test_nothing_is_replayed_while_alerting_is_paused(store: Store) -> None:
    await stored(store, raised(1, DecisionKind.LOG))
    await store.tenants.save_tenant(tenant(panic_mode=True))
    assert await held_back(store).replay(FLAG) == Replayed(reasons={"alerting is paused": 1})


@pytest.mark.parametrize(
    ("policy", "mode", "chosen"),
    [
        (Policy(GovernanceMode.STRICT), GovernanceMode.AUDIT, False),
        (Policy(panic_mode=True), GovernanceMode.AUDIT, False),
        (NO_POLICY, GovernanceMode.STRICT, False),
        (NO_POLICY, GovernanceMode.AUDIT, True),
    ],
)
async def test_what_holds_now_decides_what_is_replayed(
    store: Store, policy: Policy, mode: GovernanceMode, chosen: bool
) -> None:
    """An account, an operator or a customer that is stricter by now is not told what was found before."""
    await stored(store, raised(1, DecisionKind.LOG))
    await change_account(store, TENANT, ACCOUNT, mode=mode)
    if chosen:
        record = AuditRecord(at=NOW, action=AuditAction.SETTING_CHANGED, actor="U1")
        await store.accounts.save_mode_choice(TENANT, ACCOUNT, "U1", record)
    reason = "alerting is paused" if policy.panic_mode else "its account is in strict mode"
    assert await held_back(store, policy).replay(FLAG) == Replayed(reasons={reason: 1})
    assert await store.outbox.find_delivery(TENANT, "raised-1") is None


@pytest.mark.parametrize(
    ("snoozed", "told"), [({}, 0), ({"actor_key": "another"}, 1), ({"resource_types": ("another",)}, 1)]
)
async def test_what_is_snoozed_by_now_is_not_replayed(snoozed: dict[str, Any], told: int) -> None:
    database = memory_database()
    store = await furnished(Store(database, transactions=False, retention_days=36_500))
    held = raised(1, DecisionKind.LOG)
    await stored(store, held)
    types = tuple(line.resource_type for line in held.lines)
    fields = {"actor_key": held.actor.key, "resource_types": types, **snoozed}
    snooze = Snooze(snooze_id="s", account_id=ACCOUNT, until=NOW + HOUR, created_by="U1", anomaly_id="a-0", **fields)
    await database.snoozes.insert_one(encode(TENANT, snooze))
    assert await held_back(store).replay(FLAG) == Replayed(1 if told else 0, {} if told else {"a snooze covers it": 1})


@pytest.mark.parametrize(
    ("terms", "covered"),
    [
        ({}, True),
        ({"actor_key": ""}, True),
        ({"max_hourly_cost": None}, True),
        ({"actor_key": "another"}, False),
        ({"account_id": "999988887777"}, False),
        ({"resource_types": ("another",)}, False),
        ({"max_hourly_cost": 0.4}, False),
        ({"until": NOW - HOUR}, False),
        ({"all_running": True, "max_quantity": 2}, True),
        ({"all_running": True, "max_quantity": 1}, False),
        ({"all_running": True, "max_hourly_cost": 0.9}, False),
    ],
)
async def test_what_is_expected_by_now_is_not_replayed(terms: dict[str, Any], covered: bool) -> None:
    """Two launches for $0.50 an hour each: what was announced of each holds of each, a total of all that runs."""
    database = memory_database()
    store = await furnished(Store(database, transactions=False, retention_days=36_500))
    held = raised(1, DecisionKind.LOG, event_ids=("e-1", "e-2"))
    _, version = await store.baselines.find(TENANT, ACCOUNT)
    batch = nothing_but(
        anomalies={held.anomaly_id: held},
        cost_events=[cost_event(name, hourly_cost=0.5) for name in held.event_ids],
        resources={name: resource(name, hourly_cost=0.5) for name in ("i-1", "i-2")},
    )
    await store.ledger.commit(TENANT, loaded(version), batch, NOW)
    said = {"actor_key": held.actor.key, "resource_types": ("m5.large",), "max_hourly_cost": 1.0, "until": None}
    await store.patterns.insert_expectation(TENANT, expectation(**{**said, **terms}))
    reasons = {"an expectation covers it": 1} if covered else {}
    assert await held_back(store).replay(FLAG) == Replayed(0 if covered else 1, reasons)
    assert (await store.outbox.find_delivery(TENANT, held.anomaly_id) is None) is covered


async def test_nothing_is_replayed_in_the_operators_panic_mode(store: Store) -> None:
    await stored(store, raised(1, DecisionKind.LOG))
    await store.panics.begin(TENANT, OperatorPanic(since=NOW))
    assert await held_back(store).replay(FLAG) == Replayed(reasons={"alerting is paused": 1})


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
