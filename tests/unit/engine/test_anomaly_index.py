"""Anomalies by id and by actor: a mapping like any other, whatever is done to it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.account_state import Anomalies
from engine.examples import incident, launch
from engine.models.anomaly import Anomaly
from engine.models.cost_event import Actor, ActorKind

ACTORS = ("ci", "maria", "jonas")
STEPS = st.lists(st.tuples(st.sampled_from(("set", "change", "delete")), st.integers(0, 8)), max_size=40)


def _anomaly(number: int, revision: int = 1) -> Anomaly:
    actor = ACTORS[number % len(ACTORS)]
    event = launch(event_id=f"e-{number}", actor=Actor(actor, ActorKind.ROLE, actor))
    return msgspec.structs.replace(incident(event), revision=revision)


@given(STEPS)
def test_an_actors_anomalies_are_always_those_of_all_that_are_theirs(steps: list[tuple[str, int]]) -> None:
    found, plain = Anomalies(), dict[str, Anomaly]()
    for step, (deed, number) in enumerate(steps):
        one = _anomaly(number, step)
        if deed == "delete":
            found.pop(one.anomaly_id, None)
            plain.pop(one.anomaly_id, None)
        elif deed == "set" or one.anomaly_id in plain:
            found[one.anomaly_id] = plain[one.anomaly_id] = one
    assert found == plain
    assert list(found) == list(plain)
    for actor in ACTORS:
        assert list(found.of_actor(actor)) == [one for one in plain.values() if one.actor.key == actor]


def test_clearing_forgets_actors_too() -> None:
    found = Anomalies([_anomaly(0), _anomaly(1)])
    found.clear()
    assert (len(found), list(found.of_actor("ci"))) == (0, [])
