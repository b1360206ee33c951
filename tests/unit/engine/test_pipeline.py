"""Whole stories: four ordinary weeks, then something happens."""

import copy

import pytest

from engine.baselines.learn import learn
from engine.models.account import GovernanceMode
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.cost_event import Change
from engine.pipeline import learn_history
from engine.verdicts import expectation_of, labelled, snooze_of
from tests.unit.engine.factories import (
    ALICE,
    DEPLOY,
    JANITOR,
    T0,
    WEEK,
    Account,
    Prices,
    Record,
    account,
    hours,
    new_state,
    normal_weeks,
    parse_record,
    record,
    resize,
    role,
    run_instances,
    seasoned,
    start,
    stop,
    terminate,
    user,
)

GPU = "p4d.24xlarge"
THIEF = user("ci-uploader")


def told(known: Account) -> list[str]:
    return [one.anomaly_id for one in known.anomalies if one.decision.kind is DecisionKind.ALERT]


class TestWhatAlerts:
    def test_a_leaked_key_in_two_regions_is_one_critical_card(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1", "i-2"], GPU, at=1, by=THIEF, region="us-east-1"))
        known.play(run_instances(["i-3", "i-4"], GPU, at=1.1, by=THIEF, region="ap-south-1"))
        card = known.only_anomaly()
        assert (card.decision.kind, card.severity) == (DecisionKind.ALERT, Severity.CRITICAL)
        assert {line.region: line.quantity for line in card.lines} == {"us-east-1": 2, "ap-south-1": 2}
        assert (card.hourly_cost, card.running_ids) == (128.0, ("i-1", "i-2", "i-3", "i-4"))
        assert {signal.name for signal in card.signals} >= {"actor", "type", "region"}
        assert card.detected_at == T0 + hours(1)

    def test_a_hundred_instead_of_one_alerts(self) -> None:
        known = seasoned()
        known.play(run_instances([f"i-{n}" for n in range(100)], "c5.large", at=1))
        card = known.only_anomaly()
        assert (card.decision.kind, card.lead.quantity) == (DecisionKind.ALERT, 100)
        assert card.signals[0].name == "cost"

    def test_a_hundred_alert_also_when_the_answer_was_left_out_for_its_size(self) -> None:
        known = seasoned()
        asked = {"instancesSet": {"items": [{"minCount": 100, "maxCount": 100}]}, "instanceType": "c5.large"}
        known.play(record("ec2", "RunInstances", asked, {"omitted": True}, at=1))
        assert told(known)
        assert known.only_anomaly().hourly_cost == pytest.approx(10.0)

    def test_ordinary_weeks_raise_nothing_and_the_next_one_is_silent_too(self) -> None:
        known = Account()
        known.play(*normal_weeks(8))
        assert told(known) == []
        known.play(run_instances(["i-web"], "c5.large", at=1), run_instances(["i-a", "i-b"], "m5.large", at=0.5))
        assert told(known) == []

    def test_forty_launches_in_ten_minutes_are_one_card(self) -> None:
        known = seasoned()
        known.play(*[run_instances([f"i-{n}"], GPU, at=1 + n / 240, by=THIEF) for n in range(40)])
        card = known.only_anomaly()
        assert (card.lead.quantity, len(card.event_ids), len(card.lines)) == (40, 40, 1)
        assert card.hourly_cost == pytest.approx(40 * 32.0)
        assert card.withheld_event_ids == card.event_ids

    def test_cheap_and_unusual_goes_to_the_digest_and_alerts_when_it_grows(self) -> None:
        known = seasoned()
        known.play(run_instances([f"i-{n}" for n in range(20)], "m5.large", at=1, by=ALICE, region="us-east-1"))
        assert known.only_anomaly().decision.kind is DecisionKind.DIGEST
        known.play(run_instances([f"i-x{n}" for n in range(40)], "m5.large", at=1.5, by=ALICE, region="us-east-1"))
        card = known.only_anomaly()
        assert (card.decision.kind, card.severity) == (DecisionKind.ALERT, Severity.WARNING)
        assert card.detected_at == T0 + hours(1.5)
        assert card.withheld_event_ids == card.event_ids[1:]

    def test_an_unknown_price_is_a_warning_and_says_so(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], "x99.metal", at=1, by=ALICE, region="us-east-1"))
        card = known.only_anomaly()
        assert (card.severity, card.unknown_price, card.hourly_cost) == (Severity.WARNING, True, 0.0)
        assert card.lead.hourly_cost is None


class TestGroups:
    def test_ordinary_work_during_an_incident_stays_out_of_it(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=0.5), run_instances(["i-a", "i-b"], "m5.large", at=0.6))
        card = known.only_anomaly()
        assert card.running_ids == ("i-1",)
        assert known.state.resources["eu-west-1/ec2/i-a"].anomaly_id == ""

    def test_two_actors_are_two_cards(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=1, by=ALICE), run_instances(["i-2"], GPU, at=1, by=THIEF))
        assert len(told(known)) == 2

    def test_the_same_actor_hours_later_is_another_card(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=1, by=ALICE), run_instances(["i-2"], GPU, at=2.1, by=ALICE))
        assert len(told(known)) == 2

    def test_the_same_record_always_makes_the_same_anomaly(self) -> None:
        first, second = seasoned(), seasoned()
        for known in (first, second):
            known.play(run_instances(["i-1"], GPU, at=1, by=THIEF))
        assert told(first) == told(second)
        other = seasoned(namespace="tenant-2")
        other.play(run_instances(["i-1"], GPU, at=1, by=THIEF))
        assert told(other) != told(first)

    def test_an_incident_of_more_than_a_thousand_machines_closes(self) -> None:
        known = seasoned()
        ids = [f"i-{n}" for n in range(1200)]
        known.play(*[run_instances(ids[n : n + 100], GPU, at=1, by=THIEF) for n in range(0, 1200, 100)])
        card = known.only_anomaly()
        assert (card.lead.quantity, len(card.running_ids)) == (1200, 1000)
        known.play(terminate(ids[:1000], at=2))
        assert known.only_anomaly().status is AnomalyStatus.OPEN
        known.play(terminate(ids[1000:], at=3))
        card = known.only_anomaly()
        assert (card.status, card.ended_at) == (AnomalyStatus.RESOLVED, T0 + hours(3))
        assert card.burnt_usd == pytest.approx(32.0 * (1000 + 2 * 200))


class TestSafetyNet:
    @pytest.mark.parametrize("mode", list(GovernanceMode))
    def test_a_dear_launch_alerts_in_an_account_nobody_knows(self, mode: GovernanceMode) -> None:
        known = Account(account=account(mode))
        known.play(run_instances(["i-1"], "m5.24xlarge"))
        assert known.only_anomaly().decision.safety_net
        assert told(known)

    def test_all_parts_of_one_record_are_one_launch(self) -> None:
        known = Account()
        mixed = ["t3.medium", "m5.large", "c5.large"]
        known.play(*[run_instances([f"i-{kind}-{n}" for n in range(40)], kind) for kind in mixed])
        known.play(stop([f"i-{kind}-{n}" for kind in mixed for n in range(40)], at=1, by=JANITOR))
        known.state.anomalies.clear()
        known.play(start([f"i-{kind}-{n}" for kind in mixed for n in range(40)], at=24, by=ALICE))
        card = known.only_anomaly()
        assert card.hourly_cost == pytest.approx(40 * 0.25)
        assert (card.decision.safety_net, card.severity) == (True, Severity.WARNING)

    def test_what_one_launch_is_told_of_is_withheld_as_a_whole(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-gpu"], GPU, at=-2000, by=JANITOR), stop(["i-gpu"], at=-1999, by=JANITOR))
        known.play(run_instances(["i-m"], "m5.large", at=-2), stop(["i-m"], at=-1))
        known.state.anomalies.clear()
        launches = known.state.baseline.launches
        known.play(start(["i-m", "i-gpu"], at=1))
        assert told(known)
        assert known.state.baseline.launches == launches

    def test_the_familiar_part_of_a_launch_does_not_make_the_rest_dear(self) -> None:
        known = Account()
        everything = [f"i-{n}" for n in range(60)]
        for day in range(3):
            known.play(run_instances([f"i-{day}-{n}" for n in range(60)], "m5.large", at=day, by=ALICE))
            known.state.anomalies.clear()
            known.state.baseline = learn(known.state.baseline, known.cost_events[-1])
        known.play(run_instances([*everything, "i-new"], "m5.large", at=5, by=JANITOR))
        known.play(run_instances(["i-other"], "c5.large", at=5, by=JANITOR))
        known.play(stop([*everything, "i-other"], at=6, by=JANITOR))
        known.state.anomalies.clear()
        known.play(start([*everything, "i-other"], at=7, by=ALICE))
        assert told(known) == []

    def test_a_third_time_it_is_known(self) -> None:
        known = Account()
        for day in range(3):
            known.play(run_instances([f"i-{day}"], "m5.24xlarge", at=24 * day))
            card = known.anomalies[-1]
            known.state.expectations = [
                expectation_of(card, expectation_id="x", user_id="U1", now=card.first_event_time)
            ]
            known.play(run_instances([f"i-{day}-again"], "m5.24xlarge", at=24 * day + 1))
            known.state.expectations = []
            known.play(terminate([f"i-{day}"], at=24 * day + 2))
        known.state.anomalies.clear()
        known.play(run_instances(["i-4"], "m5.24xlarge", at=100))
        assert told(known) == []

    @pytest.mark.parametrize("change", ["panic", "chosen strict"])
    def test_people_silence_it(self, change: str) -> None:
        strict = account(GovernanceMode.STRICT, set_by="U1")
        known = Account(panic_mode=True) if change == "panic" else Account(account=strict)
        known.play(run_instances(["i-1"], GPU))
        assert known.only_anomaly().decision.kind is DecisionKind.LOG

    def test_making_something_cheaper_is_no_launch(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=-3))
        known.state.anomalies.clear()
        known.play(resize("i-1", "g5.48xlarge", at=1, by=ALICE))
        assert known.anomalies == []


class TestVerdicts:
    def test_what_is_expected_is_silent_next_week_and_twice_as_much_is_not(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=1))
        card = known.only_anomaly()
        known.state.expectations = [expectation_of(card, expectation_id="x", user_id="U1", now=T0)]
        said = labelled(card, AnomalyStatus.EXPECTED, user_id="U1", now=T0)
        known.state.anomalies[card.anomaly_id] = said
        known.play(run_instances(["i-2"], GPU, at=1 + WEEK))
        assert [one for one in known.anomalies if not one.is_covered] == [said]
        known.play(run_instances(["i-3", "i-4"], GPU, at=1 + 2 * WEEK))
        assert len(told(known)) == 2

    def test_what_people_were_told_of_is_learned_only_when_they_say_so(self) -> None:
        known = seasoned()
        before = copy.deepcopy(known.state.baseline)
        known.play(run_instances(["i-1"], GPU, at=1, by=THIEF))
        assert known.state.baseline.pairs == before.pairs
        assert known.only_anomaly().withheld_event_ids == (known.cost_events[-1].event_id,)
        assert known.state.baseline.events == before.events + 1

    def test_a_snooze_silences_only_its_actor_and_type_and_only_for_its_time(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=1, by=ALICE))
        quiet = snooze_of(known.only_anomaly(), snooze_id="s", user_id="U1", until=T0 + hours(10))
        known.state.snoozes = [quiet]
        known.state.anomalies.clear()
        known.play(run_instances(["i-2"], GPU, at=4, by=ALICE))
        assert told(known) == []
        known.play(run_instances(["i-3"], GPU, at=4, by=THIEF))
        assert len(told(known)) == 1
        known.play(run_instances(["i-4"], "g5.48xlarge", at=6, by=ALICE))
        assert len(told(known)) == 2
        known.play(run_instances(["i-5"], "m5.24xlarge", at=11, by=THIEF))
        assert len(told(known)) == 3


class TestHistory:
    def test_history_teaches_everything_and_raises_nothing(self) -> None:
        state = new_state()
        raw = [*normal_weeks(), run_instances(["i-1"], GPU, at=1, by=THIEF)]
        changes, alerts = learn_history([parse_record(one) for one in raw], state, Prices())
        assert (changes.anomalies, alerts) == ({}, 1)
        assert changes.baseline.pairs[f"{THIEF['arn']} | {GPU}"].count == 1
        assert {one.anomaly_id for one in changes.resources.values()} == {""}
        assert changes.resources["eu-west-1/ec2/i-1"].running
        assert len(changes.cost_events) == len(raw)
        assert state.baseline == changes.baseline

    def test_the_cards_it_would_have_raised_are_counted_as_cards(self) -> None:
        wave = [run_instances([f"i-{n}"], GPU, at=1 + n / 240, by=THIEF) for n in range(40)]
        later = run_instances(["i-late"], "g5.48xlarge", at=50, by=ALICE)
        raw = [*normal_weeks(), *wave, later]
        _, alerts = learn_history([parse_record(one) for one in raw], new_state(), Prices())
        assert alerts == 2

    def test_what_was_new_only_because_nothing_was_known_does_not_count(self) -> None:
        raw = [run_instances(["i-1"], GPU, at=-40 * 24), *normal_weeks()]
        _, alerts = learn_history([parse_record(one) for one in raw], new_state(), Prices())
        assert alerts == 0

    def test_what_is_going_on_now_is_left_alone(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], GPU, at=1, by=THIEF))
        card = known.only_anomaly()
        raw = [resize("i-1", GPU, at=2), run_instances(["i-2"], "t3.medium", at=2)]
        changes, _ = learn_history([parse_record(one) for one in raw], known.state, Prices())
        assert changes.resources["eu-west-1/ec2/i-1"].anomaly_id == card.anomaly_id
        assert known.anomalies == [card]

    def test_panic_does_not_hide_what_would_have_alerted(self) -> None:
        raw = [*normal_weeks(), run_instances(["i-1"], GPU, at=1, by=THIEF)]
        _, alerts = learn_history([parse_record(one) for one in raw], new_state(panic_mode=True), Prices())
        assert alerts == 1


class TestProvisionedConcurrency:
    def put(self, count: int, at: float, by: Record = DEPLOY) -> Record:
        asked = {"functionName": "resize", "qualifier": "prod", "provisionedConcurrentExecutions": count}
        return record("lambda", "PutProvisionedConcurrencyConfig", asked, at=at, by=by)

    def test_it_is_priced_by_the_memory_of_the_function(self) -> None:
        known = seasoned()
        known.play(record("lambda", "CreateFunction20150331", {"functionName": "resize", "memorySize": 2048}))
        known.play(self.put(500, at=1))
        card = known.only_anomaly()
        assert card.hourly_cost == pytest.approx(500 * 2 * 0.015)
        assert (card.lead.resource_type, card.decision.kind) == ("lambda_provisioned_concurrency", DecisionKind.ALERT)

    def test_without_the_function_the_price_is_unknown(self) -> None:
        known = seasoned()
        known.play(self.put(500, at=1, by=ALICE))
        assert known.only_anomaly().unknown_price

    def test_putting_more_is_a_change_and_alerts(self) -> None:
        known = seasoned()
        known.play(record("lambda", "CreateFunction20150331", {"functionName": "resize", "memorySize": 2048}))
        known.play(self.put(1, at=1))
        assert told(known) == []
        known.play(self.put(1000, at=5))
        assert known.cost_events[-1].change is Change.MODIFY
        assert told(known)
        assert known.anomalies[-1].running_hourly_cost == pytest.approx(30.0, abs=0.1)


def test_labels_come_back_with_a_restart() -> None:
    known = Account()
    raw = run_instances(["i-1"])
    raw["responseElements"]["instancesSet"]["items"][0]["platform"] = "windows"
    known.play(raw, stop(["i-1"], at=1), resize("i-1", "c5.large", at=2), start(["i-1"], at=3))
    assert (known.cost_events[-1].labels, known.cost_events[-1].resource_type) == (("windows",), "c5.large")


def test_a_start_of_something_never_seen_has_no_price() -> None:
    known = Account()
    known.play(start(["i-1"], by=role("scheduler")))
    assert known.cost_events[0].hourly_cost is None
    assert known.state.resources["eu-west-1/ec2/i-1"].hourly_cost is None
