"""What counts as found: cards against incidents, by hand."""

from datetime import timedelta

import pytest

from bench.detection.cards import Card, Cards
from bench.detection.metrics import Figures, Tally, figures
from bench.detection.world import AccountWorld, Incident
from bench.detection.world.scene import EPOCH
from engine.examples import launch

HOUR = timedelta(hours=1)


def incident(kind: str = "mining", ids: tuple[str, ...] = ("a", "b"), begin: int = 480, hours: int = 10) -> Incident:
    start = EPOCH + begin * HOUR
    burns = [(start, start + hours * HOUR, 10.0)]
    return Incident(kind=kind, account_id="1", event_ids=set(ids), burns=burns)


def judged(incidents: list[Incident], cards: list[Card], kind: str = "CI-heavy") -> Figures:
    tally = Tally()
    tally.add(AccountWorld("1", kind, 70, [], incidents, []), cards)
    return figures(tally)


def card(at: int, *event_ids: str) -> Card:
    return Card(EPOCH + at * HOUR, event_ids)


def test_one_found_one_missed_one_cried_wolf() -> None:
    found = judged([incident(), incident("creep", ("c",), 900)], [card(481, "a"), card(600, "x")])
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert found.false_alerts_per_account_week == 0.1
    assert found.recall_by_kind == {"creep": 0.0, "mining": 1.0}
    assert (found.incidents, found.alerts) == (2, 2)


@pytest.mark.parametrize(("others", "right"), [(0, True), (4, True), (5, False)])
def test_a_card_must_belong_for_a_fifth(others: int, right: bool) -> None:
    found = judged([incident()], [card(480, "a", *(f"x{n}" for n in range(others)))])
    assert (found.precision, found.recall) == ((1.0, 1.0) if right else (0.0, 0.0))


def test_dollars_are_caught_from_the_alert_on_and_time_counts_from_the_first_record() -> None:
    found = judged([incident(hours=10)], [card(484, "a"), card(489, "b")])
    assert found.dollars_caught == pytest.approx(0.6)
    assert found.minutes_p50 == found.minutes_p90 == 240.0


def test_two_cards_on_one_incident_are_both_right_and_find_it_once() -> None:
    found = judged([incident()], [card(480, "a"), card(482, "b")])
    assert (found.precision, found.recall, found.alerts) == (1.0, 1.0, 2)


def test_only_quiet_accounts_first_two_weeks_count_as_noise_at_the_beginning() -> None:
    cards = [card(24 * 13, "x"), card(24 * 15, "y")]
    assert judged([], cards, "quiet startup").quiet_alerts_first_14_days == 1.0
    assert judged([], cards, "CI-heavy").quiet_alerts_first_14_days == 0.0


def test_nothing_at_all_has_figures() -> None:
    nothing = judged([], [])
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.minutes_p90) == (0.0, 0.0, 0.0, None)


def test_alarms_of_one_actor_within_the_hour_are_one_card_sent_when_it_reaches_a_warning() -> None:
    cards = Cards()
    for n, minutes in enumerate((0, 50, 100, 170)):
        moment = EPOCH + timedelta(minutes=minutes)
        cards.alarm(launch(event_id=f"e-{n}", event_time=moment, hourly_cost=3.0))
    (sent,) = cards.sent()
    assert sent.event_ids == ("e-0", "e-1", "e-2")
    assert sent.at == EPOCH + timedelta(minutes=50)
