"""What an expectation keeps silent is noted, so that it can be asked for; and the note changes nothing else."""

import msgspec
import pytest

from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.verdict import Expectation
from tests.unit.engine.factories import ACCOUNT, ALICE, T0, Account, Record, run_instances

DEAR = "p4d.24xlarge"
SAID = Expectation(
    expectation_id="x-1",
    account_id=ACCOUNT,
    actor_key="",
    resource_types=(DEAR, "m5.large"),
    max_hourly_cost=40.0,
    created_by="U1",
    created_at=T0,
)


TOTAL = msgspec.structs.replace(SAID, all_running=True, max_hourly_cost=None)


def notes(known: Account) -> list[Anomaly]:
    return [one for one in known.state.anomalies.values() if one.is_covered]


def start(name: str, at: float = 0.0, kind: str = DEAR, by: Record = ALICE) -> Record:
    return run_instances([f"i-{name}"], kind, at=at, by=by, event_id=name)


def test_what_is_expected_is_noted_with_who_said_so_and_nobody_is_told() -> None:
    known = Account(expectations=[SAID])
    known.play(start("one"))
    [note] = known.state.anomalies.values()
    assert (note.status, note.status_by, note.expectation_id) == (AnomalyStatus.EXPECTED, "", "x-1")
    assert note.decision.kind is DecisionKind.LOG
    assert (note.decision.reason, note.decision.safety_net) == ("Expected, as U1 said.", True)
    assert (note.hourly_cost, note.running_hourly_cost, note.running_ids) == (32.0, 0.0, ())
    assert note.signals


def test_what_one_actor_does_in_one_go_is_one_note() -> None:
    known = Account(expectations=[TOTAL])
    for number in range(3):
        known.play(start(f"soon-{number}", at=number / 4))
    known.play(start("later", at=9))
    assert sorted(one.event_ids for one in notes(known)) == [("later",), ("soon-0", "soon-1", "soon-2")]
    assert max(one.hourly_cost for one in notes(known)) == 96.0


def test_what_nobody_would_have_been_told_of_is_not_noted() -> None:
    """Neither by itself, nor as part of what its actor did just before, when it is scored and not only glanced at."""
    known = Account(expectations=[SAID])
    known.play(start("cheap", kind="m5.large"))
    assert list(known.state.anomalies.values()) == []
    known.play(start("dear", at=0.1), start("cheap too", at=0.2, kind="m5.large"))
    assert [one.event_ids for one in notes(known)] == [("dear",)]


def test_two_expectations_are_noted_apart() -> None:
    other = msgspec.structs.replace(SAID, expectation_id="x-2", resource_types=("g5.48xlarge",), created_by="U2")
    known = Account(expectations=[SAID, other])
    known.play(start("one"), start("two", at=0.1, kind="g5.48xlarge"))
    assert sorted(one.decision.reason for one in notes(known)) == ["Expected, as U1 said.", "Expected, as U2 said."]


def test_a_pause_is_no_reason_for_what_would_be_silent_without_it() -> None:
    """Its summary tells what people missed, and they announced this."""
    known = Account(expectations=[SAID], panic_mode=True, operator_panic=True)
    known.play(start("one"))
    assert [one.decision.reason for one in notes(known)] == ["Expected, as U1 said."]


@pytest.mark.parametrize("said", [SAID, TOTAL])
def test_a_note_teaches_nothing_and_owns_nothing(said: Expectation) -> None:
    """All is learned and remembered that would be if nothing was noted, and nothing else."""
    noted, silent = Account(expectations=[said]), Account(expectations=[said])
    noted.play(start("one"), start("two", at=0.5))
    assert notes(noted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.pipeline.note_expected", lambda *_, **__: None)
        silent.play(start("one"), start("two", at=0.5))
    assert notes(silent) == []
    assert noted.state.baseline == silent.state.baseline
    assert noted.state.resources == silent.state.resources
    assert noted.cost_events == silent.cost_events


def test_what_is_beyond_an_expectation_is_told_as_if_there_was_no_note() -> None:
    said = msgspec.structs.replace(SAID, all_running=True)
    known = Account(expectations=[said])
    known.play(start("within"), start("beyond", at=0.2))
    [note], [told] = notes(known), [one for one in known.state.anomalies.values() if not one.is_covered]
    assert (told.decision.kind, told.event_ids, told.hourly_cost) == (DecisionKind.ALERT, ("beyond",), 32.0)
    assert (note.event_ids, note.revision) == (("within",), 1)
