"""EC2 instances."""

from collections.abc import Mapping

import msgspec

from engine.models.cost_event import UsageItem
from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, standing

CPU = Need(name="cpu", namespace="AWS/EC2", metric="CPUUtilization", statistic="Maximum", quiet="instance_cpu_percent")
MEAN_CPU = Need(
    name="mean_cpu", namespace="AWS/EC2", metric="CPUUtilization", statistic="Average", quiet="low_cpu_percent"
)
BYTES_IN = Need(
    name="bytes_in", namespace="AWS/EC2", metric="NetworkIn", statistic="Sum", quiet="instance_network_bytes"
)
BYTES_OUT = Need(
    name="bytes_out", namespace="AWS/EC2", metric="NetworkOut", statistic="Sum", quiet="instance_network_bytes"
)


class _Newer(msgspec.Struct, frozen=True):
    """What came after a family in the sizes named, with as many processors and as much memory; and the same on Arm."""

    family: str
    arm: str
    sizes: frozenset[str]


_USUAL_SIZES = frozenset({"large", "xlarge", "2xlarge", "4xlarge"})
_NEWER: Mapping[str, _Newer] = {
    "t2": _Newer("t3", "t4g", frozenset({"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"})),
    "m4": _Newer("m5", "m6g", _USUAL_SIZES),
    "c4": _Newer("c5", "c6g", _USUAL_SIZES),
    "r4": _Newer("r5", "r6g", _USUAL_SIZES),
    "m3": _Newer("m5", "m6g", frozenset({"large", "xlarge", "2xlarge"})),
}
_STOP = "ec2 stop-instances --instance-ids {id}"
_TERMINATE = "ec2 terminate-instances --instance-ids {id}"


def judge_idle(look: Look) -> Idle | None:
    """Neither computes nor talks to anybody, on any day.

    >>> from engine.zombies.examples import look_at
    >>> look_at("instance", cpu=(1.5,) * 14, bytes_in=(2e5,) * 14, bytes_out=(1e5,) * 14, judge=judge_idle).evidence[0]
    'CPU never above 1.5% and at most 0.3 MB of network a day for 14 days'
    """
    days = look.limits.instance_days
    if "running" not in look.resource.traits or not look.was_born_before(days):
        return None
    cpu, traffic = _cpu(look, days), look.sums("bytes_in", "bytes_out", days)
    if len(cpu) < days or len(traffic) < days:
        return None
    if max(cpu) >= look.limits.instance_cpu_percent or max(traffic) >= look.limits.instance_network_bytes:
        return None
    text = f"CPU never above {max(cpu):.1f}% and at most {max(traffic) / 1e6:.1f} MB of network a day for {days} days"
    return Idle(evidence=(text,), confidence=Confidence.HIGH, since=look.ago(days))


def judge_low(look: Look) -> Idle | None:
    """Does next to nothing on several days of two weeks.

    >>> from engine.zombies.examples import look_at
    >>> found = look_at("instance", mean_cpu=(4.0,) * 5 + (60.0,) * 9, bytes_in=(2e5,) * 14, bytes_out=(1e5,) * 14,
    ...     judge=judge_low)
    >>> found.evidence[0], found.confidence.value
    ('CPU at most 10% and network at most 5 MB on 5 of 14 days', 'low')
    """
    limits, days = look.limits, look.limits.instance_days
    if "running" not in look.resource.traits or not look.was_born_before(days):
        return None
    cpu = look.series["mean_cpu"].known(days) if "mean_cpu" in look.series else ()
    traffic = look.sums("bytes_in", "bytes_out", days)
    if len(cpu) < days or len(traffic) < days:
        return None
    lows = sum(
        c <= limits.low_cpu_percent and t <= limits.instance_network_bytes for c, t in zip(cpu, traffic, strict=True)
    )
    if lows < limits.low_days:
        return None
    text = (
        f"CPU at most {limits.low_cpu_percent:g}% and network at most {limits.instance_network_bytes / 1e6:g} MB "
        f"on {lows} of {days} days"
    )
    return Idle(evidence=(text,), confidence=Confidence.MEDIUM if lows * 2 > days else Confidence.LOW)


def judge_stopped(look: Look) -> Idle | None:
    """Stopped for long; its volumes are billed all the same, and they are what is counted.

    >>> from engine.zombies.examples import look_at
    >>> look_at("instance", traits={"stopped"}, days_in_state=45, judge=judge_stopped).evidence
    ('stopped for 45 days; its volumes are billed all the same',)
    """
    if "stopped" not in look.resource.traits:
        return None
    return standing(look, look.limits.stopped_days, "stopped for {days} days; its volumes are billed all the same")


def judge_previous(look: Look) -> Idle | None:
    """At work, on a type whose successor of the same size costs less: the difference is what is counted.

    What an autoscaling group made is left out: its template is to be changed, and what is stopped would be replaced.

    >>> from engine.zombies.examples import look_at
    >>> found = look_at("instance", traits={"running", "on_demand"}, words={"type": "t2.large"},
    ...     judge=judge_previous)
    >>> found.evidence
    ('t2.large is of a previous generation: t3.large is its like for less, and on Arm t4g.large',)
    >>> found.usage
    (UsageItem(sku='ec2/t2.large', amount=1), UsageItem(sku='ec2/t3.large', amount=-1))
    """
    old = look.resource.words.get("type", "")
    family, _, size = old.partition(".")
    newer = _NEWER.get(family)
    if newer is None or size not in newer.sizes or not look.resource.traits >= {"running", "on_demand"}:
        return None
    new = f"{newer.family}.{size}"
    return Idle(
        evidence=(f"{old} is of a previous generation: {new} is its like for less, and on Arm {newer.arm}.{size}",),
        confidence=Confidence.LOW,
        usage=(UsageItem(f"ec2/{old}", 1), UsageItem(f"ec2/{new}", -1)),
        filling={"new_type": new},
    )


def _cpu(look: Look, days: int) -> tuple[float, ...]:
    return look.series["cpu"].known(days) if "cpu" in look.series else ()


RULES: tuple[Rule, ...] = (
    Rule(
        name="instance_idle",
        kind="instance",
        title="idle EC2 instance",
        source="Compute Optimizer",
        threshold=(
            "peak CPU under {instance_cpu_percent:g}% and under {instance_network_bytes:,.0f} bytes of network a day, "
            "{instance_days} days"
        ),
        judge=judge_idle,
        needs=(CPU, BYTES_IN, BYTES_OUT),
        commands=(_STOP, _TERMINATE),
        is_birth=True,
    ),
    Rule(
        name="instance_low",
        kind="instance",
        title="EC2 instance that does little",
        source="Trusted Advisor",
        threshold=(
            "CPU at most {low_cpu_percent:g}% and at most {instance_network_bytes:,.0f} bytes of network on at least "
            "{low_days} of {instance_days} days"
        ),
        judge=judge_low,
        needs=(MEAN_CPU, BYTES_IN, BYTES_OUT),
        commands=(_STOP, _TERMINATE),
    ),
    Rule(
        name="instance_stopped",
        kind="instance",
        title="EC2 instance stopped long ago",
        source="Trusted Advisor",
        threshold="stopped for {stopped_days} days",
        judge=judge_stopped,
        commands=("ec2 create-image --instance-id {id} --name {id}-before-termination --no-reboot", _TERMINATE),
    ),
    Rule(
        name="instance_previous",
        kind="instance",
        title="EC2 instance of a previous generation",
        source="thrifty",
        threshold="t2, m3, m4, c4 or r4, on demand and in no autoscaling group; what the next one saves is counted",
        judge=judge_previous,
        commands=(
            "ec2 create-image --instance-id {id} --name {id}-before-change --no-reboot",
            _STOP,
            "ec2 modify-instance-attribute --instance-id {id} --instance-type {new_type}",
            "ec2 start-instances --instance-ids {id}",
        ),
    ),
)
