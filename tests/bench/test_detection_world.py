"""The simulated world: repeatable, true to life, and everything in it can be told apart."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner

from bench.cli import bench
from bench.detection import contest
from bench.detection.cards import Card
from bench.detection.detectors.ours import cold, ours
from bench.detection.world import AccountWorld, build_world
from bench.detection.world.incidents import INCIDENTS
from bench.detection.world.normal import NORMAL
from bench.detection.world.scene import EPOCH
from clients.prices import load_price_table
from engine.models.cost_event import Change
from engine.scoring import thresholds

PRICES = load_price_table()


@pytest.fixture(scope="module")
def accounts() -> list[AccountWorld]:
    return build_world(7, PRICES, accounts=10)


def test_the_same_seed_gives_the_same_world_and_another_does_not(accounts: list[AccountWorld]) -> None:
    again = build_world(7, PRICES, accounts=10)
    assert [one.records for one in again] == [one.records for one in accounts]
    assert build_world(8, PRICES, accounts=1)[0].records != accounts[0].records


def test_all_kinds_of_account_live_for_eight_weeks(accounts: list[AccountWorld]) -> None:
    assert {one.kind for one in accounts} == set(NORMAL)
    assert len(INCIDENTS) >= 12
    for account in accounts:
        times = [record[0].event_time for record in account.records]
        assert times == sorted(times)
        assert (times[-1] - times[0]).days >= 50


def test_most_accounts_have_a_history_and_it_knows_no_incident(accounts: list[AccountWorld]) -> None:
    brand_new = [account for account in accounts if not account.history]
    assert 0 < len(brand_new) < len(accounts) / 2
    for account in accounts:
        assert account.history + account.watched == account.records
        assert all(incident.began_at > EPOCH for incident in account.incidents)
        assert account.history_days == (28 if account.history else 0)


def test_what_a_detector_says_of_the_time_before_is_not_counted(accounts: list[AccountWorld]) -> None:
    known = next(account for account in accounts if account.history)
    told = [Card(known.history[0][0].event_time, ("x",)), Card(EPOCH, ("y",))]
    assert contest.measure(lambda _: told, [known]).alerts == 1


def test_history_spares_the_alarms_of_the_first_days(accounts: list[AccountWorld]) -> None:
    known = [account for account in accounts if account.history]
    knowing, not_knowing = contest.measure(ours(PRICES), known), contest.measure(cold(PRICES), known)
    assert knowing.false_alerts_per_account_week < not_knowing.false_alerts_per_account_week


def test_everything_is_priced_and_named_once(accounts: list[AccountWorld]) -> None:
    for account in accounts:
        events = [event for record in account.records for event in record]
        assert len({event.event_id for event in events}) == len(events)
        assert all(event.hourly_cost is not None for event in events if event.change is Change.START)


def test_incidents_can_be_told_of_and_their_records_exist(accounts: list[AccountWorld]) -> None:
    for account in accounts:
        ids = {record[0].event_id for record in account.records}
        for incident in account.incidents:
            assert incident.event_ids <= ids
            assert sum(rate for _, _, rate in incident.burns) >= thresholds.WARNING_FLOOR


def test_one_end_in_sixteen_is_never_recorded(accounts: list[AccountWorld]) -> None:
    started: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for account in accounts:
        incidents = {event_id for incident in account.incidents for event_id in incident.event_ids}
        due = {bill.event_id for bill in account.bills if (account.records[-1][0].event_time - bill.end).days >= 2}
        for record in account.records:
            event = record[0]
            if event.change is Change.STOP:
                ended.update(event.resource_ids)
            elif event.event_id in due - incidents:
                started.update(event.resource_ids)
    lost = sum(1 for one in started if one not in ended) / len(started)
    assert 0.04 < lost < 0.08


def test_fresh_seeds_follow_from_the_thresholds() -> None:
    fresh = contest.fresh_seeds()
    assert fresh == contest.fresh_seeds()
    assert not set(fresh) & set(contest.DEVELOPMENT_SEEDS)


def test_the_command_prints_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "_WORLDS", 1)
    monkeypatch.setattr(contest, "_ACCOUNTS", 2)
    monkeypatch.setattr(contest, "_FORESTS", "nobody_installed_this")
    result = CliRunner().invoke(bench, ["detection", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output.splitlines()[-1])
    assert told["detectors"]["half-space trees"] == {"skipped": "nobody_installed_this is not installed"}
    assert {"precision", "recall", "f1", "minutes_p90", "recall_by_kind"} <= set(told["detectors"]["ours"])
    assert "half-space trees was skipped: nobody_installed_this is not installed" in result.output
