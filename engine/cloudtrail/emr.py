"""EMR clusters. Their instances arrive as RunInstances and are counted there; here is only what EMR adds to them."""

from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import DAY, needed, nodes, started, texts, told, use
from engine.fields import Json, flag, get, items, number, text
from engine.models.cost_event import UsageItem

_SOURCE = "elasticmapreduce.amazonaws.com"
CLUSTER = "emr_cluster"
_LABELS = ("instances counted apart",)


def _run(call: Call) -> tuple[Part, ...]:
    instances = get(call.request, "instances")
    usage = tuple(_surcharges(instances)) if isinstance(instances, dict) else ()
    return started(CLUSTER, needed(call, told(call, "jobFlowId")), usage, _LABELS, _longest(call))


def _longest(call: Call) -> float | None:
    """A cluster that ends after its last step, or when it is idle, ends without a record: a day is taken for that."""
    instances = call.request.get("instances")
    stays = flag(instances, "keepJobFlowAliveWhenNoSteps") and not get(call.request, "autoTerminationPolicy")
    return None if stays else DAY


def _surcharges(instances: Json) -> Iterator[UsageItem]:
    """Instance groups, or a master and its slaves; what a fleet will consist of is not known beforehand."""
    for group in items(instances, "instanceGroups"):
        if instance_type := text(group, "instanceType"):
            yield _surcharge(instance_type, number(group, "instanceCount"))
    if master := text(instances, "masterInstanceType"):
        yield _surcharge(master, 1)
    slaves = nodes(number(instances, "instanceCount")) - 1
    if slaves > 0 and (slave := text(instances, "slaveInstanceType")):
        yield _surcharge(slave, slaves)


def _surcharge(instance_type: str, count: float | None) -> UsageItem:
    return use(f"emr/surcharge/{instance_type}", nodes(count))


def _terminate(call: Call) -> tuple[Part, ...]:
    return stopped(CLUSTER, *texts(call.request, "jobFlowIds"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "RunJobFlow"): _run,
    (_SOURCE, "TerminateJobFlows"): _terminate,
}
