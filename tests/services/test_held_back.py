"""What a breaker held back is told later, once, unless something else speaks against it by then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from engine.errors import Conflict
from engine.flags import FlagSet, is_held, under_flag
from engine.models.account import GovernanceMode, OperatorPanic
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Line
from engine.models.audit import AuditAction, AuditRecord
from engine.models.breaker import Breaker
from engine.models.policy import NO_POLICY, Policy
from services.held_back import HeldBack, Replayed
from services.since_held import CHANGED, Said, SinceHeld
from store.codec import encode
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.on_trial import FLAG, flagging, furnished, held_back, raised, stored
from tests.store.changing import change_account
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    TENANT,
    anomaly,
    cost_event,
    expectation,
    loaded,
    nothing_but,
    resource,
    snooze,
    tenant,
)

TWO_TYPES = ("m5.large", "p4d.24xlarge")
LINES = tuple(Line("ec2", name, "us-east-1", 1, 0.5) for name in TWO_TYPES)


@pytest.fixture
async def store() -> Store:
    return await furnished(Store(memory_database(), transactions=False, retention_days=36_500))


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


@pytest.mark.parametrize(
    ("status", "told"), [(one, one.value in {"open", "acknowledged", "resolved"}) for one in AnomalyStatus]
)
async def test_what_somebody_answered_is_not_replayed(store: Store, status: AnomalyStatus, told: bool) -> None:
    await stored(store, raised(1, DecisionKind.LOG, status=status))
    reasons = {} if told else {"somebody answered it": 1}
    assert await held_back(store).replay(FLAG) == Replayed(1 if told else 0, reasons)


async def test_what_changes_meanwhile_or_is_gone_holds_up_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = raised(0, DecisionKind.LOG, account_id="999988887777")
    await stored(store, gone, *(raised(number, DecisionKind.LOG) for number in (1, 2)))
    amend, faults = store.amendments.amend, [Conflict("somebody was faster")]

    async def failing_once(tenant_id: str, **given: Any) -> None:
        if faults:
            raise faults.pop()
        await amend(tenant_id, **given)

    monkeypatch.setattr(store.amendments, "amend", failing_once)
    assert await held_back(store).replay(FLAG) == Replayed(1, {CHANGED: 2})
    assert await held_back(store).replay(FLAG) == Replayed(1, {CHANGED: 1})


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
    ("snoozed", "told"),
    [
        ([{}], 1),
        ([{"resource_types": TWO_TYPES}], 0),
        ([{}, {"resource_types": TWO_TYPES[1:]}], 0),
        ([{}, {"resource_types": TWO_TYPES[1:], "actor_key": "another"}], 1),
        ([{"resource_types": TWO_TYPES, "account_id": "999988887777"}], 1),
    ],
)
async def test_what_is_snoozed_by_now_is_not_replayed(snoozed: list[dict[str, Any]], told: int) -> None:
    """Two types: one snooze for both silences them, and so do two, for one each."""
    database = memory_database()
    store = await furnished(Store(database, transactions=False, retention_days=36_500))
    await stored(store, raised(1, DecisionKind.LOG, lines=LINES))
    await database.snoozes.insert_many(
        [encode(TENANT, snooze(str(number), **fields)) for number, fields in enumerate(snoozed)]
    )
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


@pytest.mark.parametrize(
    ("terms", "covered"),
    [
        ([{}], False),
        ([{}, {"resource_types": TWO_TYPES[1:]}], True),
        ([{"max_hourly_cost": 0.4}, {"max_hourly_cost": 0.5}, {"resource_types": TWO_TYPES[1:]}], True),
        ([{}, {"resource_types": TWO_TYPES[1:], "all_running": True, "max_quantity": 1}], True),
        ([{}, {"resource_types": TWO_TYPES[1:], "all_running": True, "max_quantity": 0}], False),
        ([{}, {"resource_types": TWO_TYPES[1:], "max_hourly_cost": 0.4}], False),
    ],
)
async def test_what_is_expected_in_parts_is_expected_as_a_whole(terms: list[dict[str, Any]], covered: bool) -> None:
    """As where a batch is judged, where each launch looks for an expectation of its own."""
    database = memory_database()
    store = await furnished(Store(database, transactions=False, retention_days=36_500))
    held = raised(1, DecisionKind.LOG, event_ids=("e-1", "e-2", "e-3"), lines=LINES)
    _, version = await store.baselines.find(TENANT, ACCOUNT)
    batch = nothing_but(
        anomalies={held.anomaly_id: held},
        cost_events=[
            cost_event("e-1", hourly_cost=0.3),
            cost_event("e-2", hourly_cost=0.5),
            cost_event("e-3", hourly_cost=0.5, resource_type=TWO_TYPES[1]),
        ],
        resources={"i-3": resource("i-3", resource_type=TWO_TYPES[1])},
    )
    await store.ledger.commit(TENANT, loaded(version), batch, NOW)
    for number, fields in enumerate(terms):
        await store.patterns.insert_expectation(TENANT, expectation(str(number), **fields))
    assert await held_back(store).replay(FLAG) == Replayed(
        0 if covered else 1, {"an expectation covers it": 1} if covered else {}
    )


async def test_what_holds_is_asked_anew_for_every_fifty_of_an_account(store: Store) -> None:
    """Not for each, which would be a thousand times six queries; nor once, for people say things meanwhile."""
    batches: list[tuple[str, int]] = []
    held = [(TENANT, raised(number, DecisionKind.LOG, account_id=name)) for number in range(51) for name in "12"]

    class Breakers:
        async def find_breakers(self) -> list[Breaker]:
            return []

        async def find_held(self, flag: str, limit: int) -> list[tuple[str, Anomaly]]:
            assert (flag, limit) == (FLAG, 1000)
            return held

        async def close(self, breaker: Breaker, now: datetime) -> None:
            raise AssertionError(breaker, now)

    class Asked(SinceHeld):
        async def find(self, tenant_id: str, account_id: str, held: Sequence[Anomaly]) -> Said:
            assert (tenant_id, {one.account_id for one in held}) == (TENANT, {account_id})
            batches.append((account_id, len(held)))
            return Said("something speaks against it")

    asked = Asked.__new__(Asked)
    replaying = HeldBack(breakers=Breakers(), amendments=store.amendments, since_held=asked, clock=lambda: NOW)
    assert await replaying.replay(FLAG) == Replayed(reasons={"something speaks against it": 102})
    assert batches == [("1", 50), ("1", 1), ("2", 50), ("2", 1)]


async def test_nothing_is_replayed_in_the_operators_panic_mode(store: Store) -> None:
    await stored(store, raised(1, DecisionKind.LOG))
    await store.panics.begin(TENANT, OperatorPanic(since=NOW))
    assert await held_back(store).replay(FLAG) == Replayed(reasons={"alerting is paused": 1})
