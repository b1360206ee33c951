"""What cards spoke of, by name: it is kept from what is learned, and yet nobody may be told that it never happened."""

from engine.baselines.model import Baseline, pair_key
from engine.models.cost_event import CostEvent

ANYBODY = ""


def note_alerted(baseline: Baseline, event: CostEvent) -> None:
    """Remember when a card first spoke of a start: of its actor, type and Region.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_alerted(known, launch())
    >>> was_alerted(known, "ci"), was_alerted(known, "eu-west-1"), was_alerted(known, "us-east-1")
    (True, True, False)
    """
    at = int(event.event_time.timestamp())
    actor, kind = event.actor.key, event.resource_type
    for name in (ANYBODY, actor, kind, event.region, pair_key(actor, kind)):
        baseline.alerted[name] = min(at, baseline.alerted.get(name, at))


def was_alerted(baseline: Baseline, name: str) -> bool:
    """Whether a card spoke of an actor or ``ANYBODY``, a type, a Region or, by ``pair_key``, an actor and a type.

    >>> was_alerted(Baseline(account_id="1"), "ci")
    False
    """
    return name in baseline.alerted
