"""EBS volumes."""

import math

from engine.models.cost_event import UsageItem
from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, standing, unused

READS = Need(name="reads", namespace="AWS/EBS", metric="VolumeReadOps", statistic="Sum", quiet="volume_operations")
WRITES = Need(name="writes", namespace="AWS/EBS", metric="VolumeWriteOps", statistic="Sum", quiet="volume_operations")
_DAY_SECONDS = 86_400
_FEWEST_BOUGHT = 100
_LEFT_OVER_BUSIEST = 4
_SNAPSHOT = "ec2 create-snapshot --volume-id {id}"
_DETACH = "ec2 detach-volume --volume-id {id}"
_DELETE = "ec2 delete-volume --volume-id {id}"


def judge_unattached(look: Look) -> Idle | None:
    """Attached to nothing. AWS tells when it was made, not when it was detached, so its youth is its own grace.

    >>> from engine.zombies.examples import look_at
    >>> look_at("volume", traits=(), judge=judge_unattached).evidence
    ('attached to nothing',)
    """
    if "attached" in look.resource.traits or not look.was_born_before(look.limits.grace_days):
        return None
    return Idle(evidence=("attached to nothing",), confidence=Confidence.HIGH)


def judge_on_stopped(look: Look) -> Idle | None:
    """Attached to an instance that is stopped, but not for so long that the instance itself is found.

    >>> from engine.zombies.examples import look_at
    >>> look_at("volume", traits=("attached", "on_stopped"), days_in_state=9, words={"instance": "i-1"},
    ...     judge=judge_on_stopped).evidence
    ('attached to i-1, which is stopped for 9 days',)
    """
    days = look.resource.days_in_state(look.now)
    if "on_stopped" not in look.resource.traits or days is None or days >= look.limits.stopped_days:
        return None
    saying = f"attached to {look.resource.words.get('instance', 'an instance')}, which is stopped for {{days}} days"
    return standing(look, look.limits.volume_days, saying, confidence=Confidence.MEDIUM)


def judge_quiet(look: Look) -> Idle | None:
    """Attached to something that runs, and next to nothing is read or written.

    >>> from engine.zombies.examples import look_at
    >>> look_at("volume", traits=("attached",), reads=(0.0,) * 9, writes=(0.0,) * 9, judge=judge_quiet).evidence
    ('not read and not written for 9 days',)
    """
    if "attached" not in look.resource.traits or "on_stopped" in look.resource.traits:
        return None
    saying = "not read and not written for {days} days"
    return unused(look, look.limits.volume_days, saying, READS, WRITES, confidence=Confidence.MEDIUM)


def judge_previous(look: Look) -> Idle | None:
    """A gp2 volume: gp3 does the same for a fifth less, so a fifth is what is counted.

    >>> from engine.zombies.examples import look_at
    >>> found = look_at("volume", numbers={"gb": 100}, words={"type": "gp2"}, judge=judge_previous)
    >>> found.usage
    (UsageItem(sku='ebs/gp2/gb', amount=100), UsageItem(sku='ebs/gp3/gb', amount=-100))
    """
    # Of an instance that is stopped all of the volume is in question, and counted there.
    if "on_stopped" in look.resource.traits:
        return None
    size = look.resource.numbers.get("gb", 0)
    # Beyond 1,000 GB a gp2 volume has more operations a second than a gp3 has for nothing.
    if look.resource.words.get("type") != "gp2" or not 0 < size <= 1000:  # noqa: PLR2004 - the sentence above
        return None
    return Idle(
        evidence=(f"{size:,.0f} GB of gp2, which gp3 does for a fifth less",),
        confidence=Confidence.HIGH,
        usage=(UsageItem("ebs/gp2/gb", size), UsageItem("ebs/gp3/gb", -size)),
    )


def judge_overbought(look: Look) -> Idle | None:
    """A volume that many more operations a second are bought for than it does: four times its busiest day is left.

    Days hide minutes, so confidence is low; and 100 are the fewest that AWS sells.

    >>> from engine.zombies.examples import look_at
    >>> found = look_at("volume", traits=("attached",), numbers={"iops": 5000}, words={"type": "io1"},
    ...     reads=(8_640_000.0,) * 7, writes=(0.0,) * 7, judge=judge_overbought)
    >>> found.evidence
    ('5,000 operations a second are bought, and the busiest of 7 days had 100 in the mean; 400 would do',)
    >>> found.usage
    (UsageItem(sku='ebs/io1/iops', amount=4600),)
    """
    kind, bought, days = look.resource.words.get("type"), look.resource.numbers.get("iops", 0), look.limits.volume_days
    if kind not in {"io1", "io2"} or "on_stopped" in look.resource.traits or not look.was_born_before(days):
        return None
    totals = look.sums(READS.name, WRITES.name, days)
    if len(totals) < days or max(totals) / _DAY_SECONDS > bought * look.limits.volume_iops_percent / 100:
        return None
    busiest = max(totals) / _DAY_SECONDS
    left = max(_FEWEST_BOUGHT, math.ceil(busiest * _LEFT_OVER_BUSIEST))
    if left >= bought:
        return None
    text = (
        f"{bought:,.0f} operations a second are bought, and the busiest of {days} days had {busiest:,.0f} in the mean; "
        f"{left:,} would do"
    )
    usage = (UsageItem(f"ebs/{kind}/iops", bought - left),)
    return Idle(evidence=(text,), confidence=Confidence.LOW, usage=usage, filling={"iops": str(left)})


RULES: tuple[Rule, ...] = (
    Rule(
        name="volume_unattached",
        kind="volume",
        title="unattached EBS volume",
        source="Trusted Advisor, thrifty",
        threshold="attached to nothing, {grace_days} d old at least",
        judge=judge_unattached,
        commands=(_SNAPSHOT, _DELETE),
    ),
    Rule(
        name="volume_on_stopped",
        kind="volume",
        title="EBS volume of a stopped instance",
        source="thrifty",
        threshold="its instance stopped for {volume_days} days; after {stopped_days} the instance itself is found",
        judge=judge_on_stopped,
        commands=(_SNAPSHOT, _DETACH, _DELETE),
    ),
    Rule(
        name="volume_quiet",
        kind="volume",
        title="EBS volume that nothing uses",
        source="Trusted Advisor",
        threshold="at most {volume_operations:g} read and {volume_operations:g} write a day, {volume_days} days",
        judge=judge_quiet,
        needs=(READS, WRITES),
        commands=(_SNAPSHOT, _DETACH, _DELETE),
    ),
    Rule(
        name="volume_previous",
        kind="volume",
        title="gp2 volume",
        source="Trusted Advisor",
        threshold="gp2 of at most 1,000 GB; what gp3 would save is counted",
        judge=judge_previous,
        commands=("ec2 modify-volume --volume-id {id} --volume-type gp3",),
    ),
    Rule(
        name="volume_overbought",
        kind="volume",
        title="volume with too many operations bought (io1 or io2)",
        source="Trusted Advisor",
        threshold=(
            "at most {volume_iops_percent:g}% of the operations bought, in the mean of the busiest of "
            "{volume_days} days"
        ),
        judge=judge_overbought,
        needs=(READS, WRITES),
        commands=("ec2 modify-volume --volume-id {id} --iops {iops}",),
    ),
)
