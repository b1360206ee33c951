"""The alerting rules, each as a table: severity, youth, safety net, decision, promotion, patterns, labels."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.baselines.model import Baseline
from engine.governance import Circumstances, decide, may_promote, safety_net
from engine.incidents import end_resources, grow, new_incident
from engine.maturity import is_young
from engine.models.account import AwsAccount, GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Score, Severity
from engine.models.cost_event import CostEvent
from engine.models.verdict import Expectation, Snooze
from engine.patterns import matching_expectation, matching_snooze
from engine.severity import severity_of
from engine.verdicts import (
    expectation_of,
    labelled,
    may_acknowledge,
    may_judge,
    may_quiet,
    may_undo,
    snooze_of,
    unlabelled,
)
from tests.unit.engine.factories import ACCOUNT, T0, account, new_state, parse_record, run_instances

STRICT = account(GovernanceMode.STRICT)
CHOSEN_STRICT = account(GovernanceMode.STRICT, set_by="U1")
AUDIT = account(GovernanceMode.AUDIT)
CHOSEN_AUDIT = account(GovernanceMode.AUDIT, set_by="U1")


@pytest.mark.parametrize(
    ("hourly_cost", "unknown", "severity"),
    [
        (0.0, False, Severity.INFO),
        (0.49, False, Severity.INFO),
        (0.5, False, Severity.INFO),
        (4.999, False, Severity.INFO),
        (5.0, False, Severity.WARNING),
        (24.999, False, Severity.WARNING),
        (25.0, False, Severity.CRITICAL),
        (0.0, True, Severity.WARNING),
        (24.0, True, Severity.WARNING),
        (30.0, True, Severity.CRITICAL),
    ],
)
def test_severity_follows_the_dollars_that_are_known(hourly_cost: float, unknown: bool, severity: Severity) -> None:
    assert severity_of(hourly_cost, unknown_price=unknown) is severity


@pytest.mark.parametrize(
    ("days", "events", "young"),
    [(13.99, 500, True), (14, 19, True), (14, 20, False), (400, 20, False), (0, 0, True)],
)
def test_an_account_is_young_under_14_days_or_20_events(days: float, events: int, young: bool) -> None:
    baseline = Baseline(account_id=ACCOUNT, first_event_time=T0, events=events)
    assert is_young(baseline, T0 + timedelta(days=days)) is young


def test_an_account_without_any_event_is_young() -> None:
    assert is_young(Baseline(account_id=ACCOUNT, events=100), T0)


@pytest.mark.parametrize(
    ("cost", "seen", "young", "caught"),
    [
        (4.99, 0, True, False),
        (5.0, 0, True, True),
        (5.0, 2, True, True),
        (5.0, 3, True, False),
        (24.99, 0, False, False),
        (25.0, 2, False, True),
        (25.0, 3, False, False),
    ],
)
def test_the_safety_net_catches_what_is_dear_and_hardly_seen(cost: float, seen: int, young: bool, caught: bool) -> None:
    assert safety_net(cost, seen=seen, young=young) is caught


EXPECTED = Expectation(
    expectation_id="x",
    account_id=ACCOUNT,
    actor_key="a",
    resource_types=("m5.large",),
    max_hourly_cost=1.0,
    created_by="U1",
    created_at=T0,
)
SNOOZED = Snooze(
    snooze_id="s",
    account_id=ACCOUNT,
    actor_key="a",
    resource_types=("m5.large",),
    until=T0,
    created_by="U1",
    anomaly_id="x",
)
ALERT, DIGEST, LOG = DecisionKind.ALERT, DecisionKind.DIGEST, DecisionKind.LOG


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.CRITICAL])
@pytest.mark.parametrize(
    ("who", "net", "young", "kind"),
    [
        (STRICT, True, True, ALERT),
        (STRICT, True, False, ALERT),
        (STRICT, False, True, LOG),
        (STRICT, False, False, LOG),
        (CHOSEN_STRICT, True, True, LOG),
        (CHOSEN_STRICT, True, False, LOG),
        (CHOSEN_STRICT, False, False, LOG),
        (AUDIT, True, False, ALERT),
        (AUDIT, False, False, ALERT),
        (AUDIT, False, True, LOG),
        (CHOSEN_AUDIT, False, True, LOG),
        (CHOSEN_AUDIT, True, True, ALERT),
    ],
)
def test_the_decision_on_something_unusual(
    who: AwsAccount, net: bool, young: bool, kind: DecisionKind, severity: Severity
) -> None:
    case = Circumstances(account=who, severity=severity, anomalous=True, in_safety_net=net, young=young)
    decision = decide(case)
    assert decision.kind is kind
    assert decision.reason
    assert decision.safety_net is net


@pytest.mark.parametrize(("who", "kind"), [(AUDIT, ALERT), (STRICT, LOG), (CHOSEN_STRICT, LOG)])
def test_what_is_certain_is_told_of_a_young_account_but_not_in_strict_mode(who: AwsAccount, kind: DecisionKind) -> None:
    case = Circumstances(
        account=who, severity=Severity.CRITICAL, anomalous=True, in_safety_net=False, young=True, certain=True
    )
    assert decide(case).kind is kind


@pytest.mark.parametrize("silence", [{"panic_mode": True}, {"expectation": EXPECTED}, {"snooze": SNOOZED}])
@pytest.mark.parametrize("net", [True, False])
@pytest.mark.parametrize("young", [True, False])
@pytest.mark.parametrize("who", [STRICT, AUDIT])
def test_people_silence_everything(silence: dict[str, Any], net: bool, young: bool, who: AwsAccount) -> None:
    case = Circumstances(
        account=who, severity=Severity.CRITICAL, anomalous=True, in_safety_net=net, young=young, **silence
    )
    assert decide(case).kind is LOG


@pytest.mark.parametrize(
    ("severity", "anomalous", "kind"),
    [
        (Severity.INFO, True, DIGEST),
        (Severity.INFO, False, LOG),
        (Severity.WARNING, False, LOG),
        (Severity.CRITICAL, False, LOG),
        (Severity.WARNING, True, ALERT),
    ],
)
def test_info_never_alerts_and_neither_does_what_is_usual(
    severity: Severity, anomalous: bool, kind: DecisionKind
) -> None:
    case = Circumstances(account=AUDIT, severity=severity, anomalous=anomalous, in_safety_net=False, young=False)
    assert decide(case).kind is kind


@pytest.mark.parametrize(
    ("days", "expected", "verdicts", "alerts", "promoted"),
    [
        (13.9, 0, 10, 0, False),
        (14, 0, 5, 100, True),
        (14, 0, 0, 2, True),
        (14, 0, 0, 3, False),
        (14, 4, 4, 2, True),
        (14, 1, 10, 0, False),
        (14, 1, 11, 50, True),
        (70, 5, 5, 0, False),
    ],
)
def test_promotion_needs_history_and_few_false_alarms(
    days: float, expected: int, verdicts: int, alerts: int, promoted: bool
) -> None:
    assert may_promote(history_days=days, expected=expected, verdicts=verdicts, alerts=alerts) is promoted


def launch(**changes: Any) -> CostEvent:
    (event,) = parse_record(run_instances(["i-1"]))
    return msgspec.structs.replace(event, **{"hourly_cost": 1.0, **changes})


def covers(event: CostEvent, **changes: Any) -> bool:
    own = msgspec.structs.replace(EXPECTED, actor_key=launch().actor.key)
    state = new_state(expectations=[msgspec.structs.replace(own, **changes)])
    return matching_expectation(event, state) is not None


@pytest.mark.parametrize(
    ("event", "terms", "covered"),
    [
        ({}, {}, True),
        ({"hourly_cost": 1.01}, {}, False),
        ({"resource_type": "m5.xlarge"}, {}, False),
        ({}, {"actor_key": "somebody else"}, False),
        ({}, {"until": T0}, True),
        ({}, {"until": T0 - timedelta(seconds=1)}, False),
        ({"hourly_cost": None}, {}, False),
        ({"hourly_cost": None}, {"covers_unknown_price": True}, True),
        ({"hourly_cost": None}, {"max_hourly_cost": None}, True),
        ({"hourly_cost": 99.0}, {"max_hourly_cost": None}, True),
        ({"hourly_cost": 99.0}, {"covers_unknown_price": True}, False),
    ],
)
def test_an_expectation_covers_what_was_declared(event: dict[str, Any], terms: dict[str, Any], covered: bool) -> None:
    assert covers(launch(**event), **terms) is covered


@pytest.mark.parametrize(("seconds", "silent"), [(-1, True), (0, False), (1, False)])
def test_a_snooze_ends_at_its_time(seconds: int, silent: bool) -> None:
    own = msgspec.structs.replace(SNOOZED, actor_key=launch().actor.key)
    state = new_state(snoozes=[own])
    assert (matching_snooze(launch(), state, T0 + timedelta(seconds=seconds)) is not None) is silent
    other = launch(resource_type="p4d.24xlarge")
    assert matching_snooze(other, state, T0 - timedelta(days=1)) is None


def anomaly(**changes: Any) -> Anomaly:
    return new_incident(launch(**changes), Score(2.0), Decision(ALERT, "Unusual."), "tenant-1")


@pytest.mark.parametrize(
    ("status", "expected", "quiet", "acknowledge"),
    [
        (AnomalyStatus.OPEN, True, True, True),
        (AnomalyStatus.ACKNOWLEDGED, True, True, False),
        (AnomalyStatus.SNOOZED, True, False, False),
        (AnomalyStatus.RESOLVED, True, False, False),
        (AnomalyStatus.EXPECTED, False, False, False),
        (AnomalyStatus.UNEXPECTED, False, False, False),
    ],
)
def test_what_may_be_said_depends_on_what_was_said(
    status: AnomalyStatus, expected: bool, quiet: bool, acknowledge: bool
) -> None:
    one = msgspec.structs.replace(anomaly(), status=status)
    assert (may_judge(one), may_quiet(one), may_acknowledge(one)) == (expected, quiet, acknowledge)


def test_a_label_can_be_taken_back_and_then_it_is_gone() -> None:
    fresh = anomaly()
    said = labelled(fresh, AnomalyStatus.EXPECTED, user_id="U1", now=T0)
    assert (may_undo(fresh), may_undo(said)) == (False, True)
    assert unlabelled(said) == msgspec.structs.replace(fresh, revision=3)
    ended = end_resources(said, ["i-1"], 1.0, T0 + timedelta(hours=1))
    assert ended.status is AnomalyStatus.EXPECTED
    assert unlabelled(ended).status is AnomalyStatus.RESOLVED


@pytest.mark.parametrize(
    ("costs", "limit", "unknown_too"),
    [([2.0], 3.0, False), ([2.0, 4.0], 9.0, False), ([None], None, True), ([2.0, None], 3.0, True)],
)
def test_marking_expected_allows_half_as_much_again(
    costs: list[float | None], limit: float | None, unknown_too: bool
) -> None:
    one = anomaly(hourly_cost=costs[0])
    for number, cost in enumerate(costs[1:]):
        more = launch(hourly_cost=cost, event_id=f"more-{number}", resource_ids=(f"i-more-{number}",))
        one = grow(one, more, Score(1.0))
    declared = expectation_of(one, expectation_id="x", user_id="U1", now=T0)
    assert (declared.max_hourly_cost, declared.covers_unknown_price) == (limit, unknown_too)
    assert declared.resource_types == ("m5.large",)


def test_a_snooze_speaks_of_the_same_actor_and_types() -> None:
    one = anomaly()
    quiet = snooze_of(one, snooze_id="s", user_id="U1", until=T0)
    assert (quiet.actor_key, quiet.resource_types, quiet.anomaly_id) == (one.actor.key, ("m5.large",), one.anomaly_id)
