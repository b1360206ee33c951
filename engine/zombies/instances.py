"""EC2 instances."""

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
    cpu, traffic = _cpu(look, days), _traffic(look, days)
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
    cpu, traffic = look.series["mean_cpu"].known(days) if "mean_cpu" in look.series else (), _traffic(look, days)
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


def _cpu(look: Look, days: int) -> tuple[float, ...]:
    return look.series["cpu"].known(days) if "cpu" in look.series else ()


def _traffic(look: Look, days: int) -> tuple[float, ...]:
    """Bytes of both directions by day, for the days on which both are known."""
    if "bytes_in" not in look.series or "bytes_out" not in look.series:
        return ()
    both = zip(look.series["bytes_in"].values[:days], look.series["bytes_out"].values[:days], strict=False)
    return tuple(one + other for one, other in both if one is not None and other is not None)


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
)
