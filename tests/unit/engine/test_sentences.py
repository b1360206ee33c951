"""What the signals say: only what is known, and nothing that a card of an hour ago contradicts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.baselines.alerted import note_alerted
from engine.baselines.learn import shift
from engine.baselines.model import Baseline
from engine.examples import MONDAY, incident, launch
from engine.incidents import grow
from engine.models.anomaly import Anomaly, DecisionKind, Score, Signal
from engine.models.cost_event import Actor, ActorKind
from engine.pipeline import learn_history
from engine.scoring.sentences import explain
from engine.scoring.thresholds import JOIN_SCORE
from tests.unit.engine.factories import DEPLOY, Account, Prices, parse_record, run_instances, seasoned, terminate, user
from tests.unit.engine.test_channels import Life

ANA = Actor("ana", ActorKind.PERSON, "ana")
GPU = "p4d.24xlarge"
THIEF = user("ci-uploader")
AT_ONCE = re.compile(
    r"\$([\d,.]+) an hour at once is over ([\d,]+) times the most ci started here before \(under (.+)\)"
)


def learned(*costs: float) -> Baseline:
    """An account in which ci made launches of these costs."""
    known = Baseline(account_id="1")
    for cost in costs:
        shift(known, launch(hourly_cost=cost), 1)
    return known


def dollars(text: str) -> float:
    return float(text.strip("$").replace(",", ""))


@given(dearest=st.floats(0.001, 9_000.0), factor=st.floats(1.0, 1e5))
def test_no_price_is_told_that_nobody_paid(dearest: float, factor: float) -> None:
    amount = dearest * factor
    text = explain("cost", launch(hourly_cost=amount), learned(dearest, dearest / 3), amount)
    found = AT_ONCE.match(text)
    if found is None:
        assert text.endswith("is more than ci usually starts at once, or starts in one piece.")
        return
    times, bound = dollars(found[2]), dollars(found[3])
    assert dearest <= bound
    assert 2 <= times <= amount / dearest


def test_beyond_the_scale_no_factor_is_told() -> None:
    text = explain("cost", launch(hourly_cost=90_000.0), learned(20_000.0), 90_000.0)
    assert "times" not in text


def test_one_dear_thing_among_many_cheap_ones_is_named() -> None:
    known = Baseline(account_id="1")
    shift(known, launch(hourly_cost=20.0, quantity=200), 1)
    text = explain("cost", launch(hourly_cost=12.0), known, 12.0)
    assert text.startswith("One m5.large for $12.00 an hour is over ")


def test_who_has_no_levels_is_compared_with_everybody() -> None:
    text = explain("cost", launch(actor=ANA, hourly_cost=50.0), learned(1.0), 50.0)
    assert "times the most anybody started here before" in text


def test_an_unknown_account_says_so() -> None:
    text = explain("cost", launch(), Baseline(account_id="1"), 1.0)
    assert text == "$1.00 an hour, in an account of which nothing is known yet to compare."


def test_a_region_is_not_compared_with_itself() -> None:
    assert explain("region", launch(), learned(1.0), 1.0) == "Only one launch came before in eu-west-1."
    elsewhere = explain("region", launch(region="us-east-1"), learned(1.0), 1.0)
    assert elsewhere == "Nothing was ever started in us-east-1; this account usually runs in eu-west-1."


@pytest.mark.parametrize("name", ["type", "actor", "region", "pair"])
def test_what_was_alerted_on_is_left_out_and_said_to_be(name: str) -> None:
    known = Baseline(account_id="1")
    assert "alerted" not in explain(name, launch(), known, 1.0)
    note_alerted(known, launch())
    assert ", not counting what was alerted on" in explain(name, launch(), known, 1.0)
    other = launch(actor=ANA, resource_type="t3.micro", region="us-east-1")
    assert "alerted" not in explain(name, other, known, 1.0)


def test_somebody_new_to_a_type_is_told_with_what_they_usually_start() -> None:
    known = learned(1.0, 1.0)
    shift(known, launch(resource_type="t3.micro"), 1)
    shift(known, launch(actor=ANA, resource_type="r5.large"), 3)
    assert explain("pair", launch(resource_type=GPU), known, 1.0).endswith("; usually it is m5.large.")


def test_what_fades_is_about() -> None:
    known = Life().weeks(4)
    for n in range(60):
        known.start(MONDAY + n * timedelta(seconds=30), 0.2)
    (card,) = known.alerts
    assert re.fullmatch(
        r"ci started about \d+ within an hour, for about \$\d\S+ an hour; usually it is up to about \d, for \$\S+\.",
        card.signals[0].text,
    )


def alert(known: Account, number: int) -> Anomaly:
    told = [one for one in known.anomalies if one.decision.kind is DecisionKind.ALERT]
    return sorted(told, key=lambda one: one.detected_at)[number]


def test_a_second_card_within_the_hour_does_not_say_never_again() -> None:
    known = seasoned()
    known.play(run_instances(["i-1"], GPU, at=1, by=THIEF, region="us-east-1"))
    known.play(terminate(["i-1"], at=1.2, region="us-east-1"))
    known.play(run_instances(["i-2"], GPU, at=1.5, by=THIEF, region="us-east-1"))
    first, second = alert(known, 0), alert(known, 1)
    assert all("alerted on" not in signal.text for signal in first.signals)
    assert {signal.name for signal in second.signals} >= {"actor", "type", "region"}
    assert all(
        "not counting what was alerted on" in one.text for one in second.signals if one.name in {"actor", "type"}
    )


def test_a_card_that_grows_does_not_speak_of_itself_as_of_another() -> None:
    known = seasoned()
    known.play(run_instances(["i-1"], "m5.24xlarge", at=1, by=THIEF, region="us-east-1"))
    known.play(run_instances(["i-2"], GPU, at=1.1, by=THIEF, region="us-east-1"))
    known.play(run_instances(["i-3", "i-4"], GPU, at=1.2, by=THIEF, region="ap-south-1"))
    card = known.only_anomaly()
    assert {signal.name for signal in card.signals} >= {"actor", "type", "region"}
    assert all("alerted on" not in signal.text for signal in card.signals)
    assert "ci-uploader has never started anything in this account before." in {one.text for one in card.signals}


def test_what_nothing_faded_from_is_exact() -> None:
    text = explain("burst", launch(quantity=50, hourly_cost=5.0), learned(1.0), 5.0)
    assert text == "ci started 50 within an hour, for $5.00 an hour."


def test_a_burst_of_which_cards_spoke_in_part_is_told_as_a_lower_bound() -> None:
    known = learned(1.0)
    note_alerted(known, launch())
    text = explain("burst", launch(quantity=50, hourly_cost=5.0), known, 5.0)
    assert text == "ci started at least 50 within an hour, for at least $5.00 an hour."


def test_the_same_reason_stands_once_on_a_card_with_the_strongest_figures() -> None:
    card = incident(launch())
    for cost, region in ((1.0, "new."), (1.5, "newer."), (1.2, "newest.")):
        signals = (Signal("cost", cost, f"{cost}"), Signal("region", 0.7, region), Signal("actor", 0.5, "never."))
        card = grow(card, launch(event_id=f"e-{cost}"), Score(2.0, signals))
    assert [signal.text for signal in card.signals] == ["1.5", "newest.", "never."]


STARTS = st.tuples(
    st.sampled_from([DEPLOY, THIEF]),
    st.sampled_from(["t3.medium", "m5.large", "m5.24xlarge", GPU, "u9-unpriced.metal"]),
    st.integers(1, 40),
    st.sampled_from(["eu-west-1", "us-east-1"]),
    st.floats(0.0, 60.0),
)


@given(starts=st.lists(STARTS, min_size=1, max_size=12), experienced=st.booleans())
@settings(max_examples=60)
def test_every_alert_says_why(starts: list[tuple[Any, str, int, str, float]], experienced: bool) -> None:
    known = seasoned() if experienced else Account()
    at = 1.0
    for number, (by, kind, count, region, gap) in enumerate(starts):
        at += gap
        known.play(run_instances([f"i-{number}-{n}" for n in range(count)], kind, at=at, by=by, region=region))
    for card in known.anomalies:
        if card.decision.kind is DecisionKind.ALERT:
            assert card.signals
        assert len({signal.name for signal in card.signals}) == len(card.signals)


def test_what_only_the_safety_net_catches_says_that() -> None:
    known = Account()
    habits = ((DEPLOY, GPU, 1), (THIEF, "g5.48xlarge", 3))
    past = [
        run_instances([f"i-{kind}-{day}-{n}" for n in range(count)], kind, at=-24.0 * day, by=by)
        for day in range(60, 10, -1)
        for by, kind, count in habits
    ]
    past += [run_instances([f"i-x-{day}"], GPU, at=-24.0 * day, by=THIEF) for day in (9, 8)]
    learn_history([parse_record(one) for one in past], known.state, Prices())
    known.play(run_instances(["i-1"], GPU, at=1, by=THIEF))
    card = known.only_anomaly()
    assert card.score < JOIN_SCORE
    assert card.signals == (Signal("safety_net", 1.0, card.decision.reason),)
    assert card.decision.reason.startswith("Safety net: ")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("m5.24xlarge", "Unusual and expensive."), ("u9-unpriced.metal", "Unusual, with a price that is not known.")],
)
def test_an_unknown_price_is_not_called_expensive(kind: str, reason: str) -> None:
    known = seasoned()
    known.play(run_instances(["i-1", "i-2"], kind, at=1, by=THIEF, region="us-east-1"))
    assert known.only_anomaly().decision.reason == reason
