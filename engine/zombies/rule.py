"""What a rule is, and what it is given."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from engine.zombies.models import Confidence, Described, Idle, Need, Series
from engine.zombies.thresholds import Thresholds

HALTED = "stopped"
_HALTING = ("pause-", "stop-")
_ENDING = ("delete-", "deregister-", "release-", "terminate-")


class Look(msgspec.Struct, frozen=True):
    """One resource with its metrics by the needs' names, at one moment."""

    resource: Described
    series: Mapping[str, Series]
    now: datetime
    limits: Thresholds = Thresholds()

    def was_born_before(self, days: float) -> bool:
        """Whether it is that old, or at least not known to be younger."""
        age = self.resource.age_days(self.now)
        return age is None or age >= days

    def ago(self, days: float) -> datetime:
        """The moment so many days ago."""
        return self.now - timedelta(days=days)

    def sums(self, one: str, other: str, days: int) -> tuple[float, ...]:
        """Two metrics together, for those of the last days on which both are known.

        >>> from engine.zombies.examples import NOW
        >>> stream = Described(kind="stream", region="eu-west-1", resource_id="orders")
        >>> Look(stream, {"in": Series((1.0, None, 3.0)), "out": Series((4.0, 5.0, 6.0))}, NOW).sums("in", "out", 3)
        (5.0, 9.0)
        """
        if one not in self.series or other not in self.series:
            return ()
        both = zip(self.series[one].values[:days], self.series[other].values[:days], strict=False)
        return tuple(first + second for first, second in both if first is not None and second is not None)

    def quiet_days(self, need: Need) -> int:
        """For how many days a metric showed no use; 0 where nothing is known of it."""
        series = self.series.get(need.name)
        return 0 if series is None else series.quiet_days(self.quiet(need), is_sparse=need.is_sparse)

    def quiet(self, need: Need) -> float:
        """The most that is no use."""
        return float(getattr(self.limits, need.quiet)) if need.quiet else 0.0


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One way to be idle.

    Attributes:
        name: what findings and verdicts call it.
        title: how people call what it finds, in the singular.
        source: who else uses this criterion.
        threshold: a sentence whose names in braces are thresholds.
        judge: gives None for what is not idle, and for what cannot be known.
        commands: AWS commands without ``aws``, the one that can be taken back first; names in braces are filled.
        is_birth: whether its needs tell of the use of something that was just created.
    """

    name: str
    kind: str
    title: str
    source: str
    threshold: str
    judge: Callable[[Look], Idle | None]
    needs: tuple[Need, ...] = ()
    commands: tuple[str, ...] = ()
    is_birth: bool = False

    @property
    def ends(self) -> bool:
        """Whether its commands lead to the resource being gone; else they change it, and it goes on.

        >>> Rule(name="x", kind="volume", title="x", source="x", threshold="x", judge=lambda look: None,
        ...     commands=("ec2 modify-volume --volume-id {id}",)).ends
        False
        """
        return any(command.split()[1].startswith(_ENDING) for command in self.commands)

    @property
    def halts(self) -> bool:
        """Whether it proposes to stop the resource first.

        >>> Rule(name="x", kind="warehouse", title="x", source="x", threshold="x", judge=lambda look: None,
        ...     commands=("redshift pause-cluster --cluster-identifier {id}",)).halts
        True
        """
        return bool(self.commands) and self.commands[0].split()[1].startswith(_HALTING)

    def threshold_text(self, limits: Thresholds) -> str:
        """Say the threshold in words."""
        return self.threshold.format(**msgspec.structs.asdict(limits))


def unused(look: Look, days: int, saying: str, *needs: Need, confidence: Confidence = Confidence.HIGH) -> Idle | None:
    """Idle if all metrics were quiet for ``days``; ``saying`` gets the number of days as ``{days}``.

    What is younger than that is left alone. A metric that is missing for one of the days proves nothing.
    """
    quiet = min(look.quiet_days(need) for need in needs)
    if quiet < days or not look.was_born_before(days):
        return None
    age = look.resource.age_days(look.now)
    shown = quiet if age is None else min(quiet, int(age))
    return Idle(evidence=(saying.format(days=shown),), confidence=confidence, since=look.ago(shown))


def standing(look: Look, days: float, saying: str, *, confidence: Confidence = Confidence.HIGH) -> Idle | None:
    """Idle if it is in its present state for ``days``, at least; ``saying`` gets them as ``{days}``."""
    stands = look.resource.days_in_state(look.now)
    if stands is None or stands < days:
        return None
    return Idle(evidence=(saying.format(days=int(stands)),), confidence=confidence, since=look.ago(stands))
