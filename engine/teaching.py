"""What a verdict does to the baseline, and how undo takes it back to the last bit."""

from collections.abc import Sequence

import msgspec

from engine.baselines.learn import learn, unlearn
from engine.baselines.model import Baseline
from engine.baselines.told import forget_told, recall_told
from engine.models.cost_event import Change, CostEvent
from engine.models.verdict import Forgotten, VerdictKind


class Lesson(msgspec.Struct, frozen=True):
    """A verdict with all that it moves: the withheld launches, the pairs its card told of, and for an undo what the
    verdict that is undone made the baseline forget."""

    kind: VerdictKind
    events: Sequence[CostEvent]
    pairs: Sequence[str]
    undone: Sequence[Forgotten] = ()


def teach(baseline: Baseline, lesson: Lesson) -> tuple[Baseline, tuple[Forgotten, ...]]:
    """Give the baseline after a verdict, and what it forgot.

    What was expected is learned. What was not expected is forgotten to have been told, so that it is told again.

    >>> from engine.examples import launch
    >>> empty = Baseline(account_id="1")
    >>> taught, _ = teach(empty, Lesson(VerdictKind.EXPECTED, [launch()], ["ci | m5.large"]))
    >>> taught.launches, teach(taught, Lesson(VerdictKind.UNDONE, [launch()], ["ci | m5.large"]))[0] == empty
    (1, True)
    """
    if lesson.kind is VerdictKind.UNEXPECTED:
        return forget_told(baseline, lesson.pairs)
    shifted = learn if lesson.kind is VerdictKind.EXPECTED else unlearn
    for event in lesson.events:
        if event.change is not Change.STOP:
            baseline = shifted(baseline, event)
    return recall_told(baseline, lesson.undone), ()
