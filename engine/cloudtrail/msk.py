"""MSK: brokers and their volumes, or serverless. Ids are ARNs, because nothing else names a cluster in later calls."""

from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import changed, needed, nodes, started, told, use
from engine.fields import Json, get, number, text
from engine.models.cost_event import UsageItem
from engine.relative_usage import recount, retype

_SOURCE = "kafka.amazonaws.com"
UNKNOWN_TYPE = "msk_cluster"
SERVERLESS = "msk_serverless"
_PREFIX = "kafka."


def _create(call: Call) -> tuple[Part, ...]:
    """Only the newer call has serverless clusters, and wraps the others in ``provisioned``."""
    cluster = needed(call, _cluster(call))
    if "serverless" in call.request:
        return started(SERVERLESS, cluster, [UsageItem("msk/serverless/hour", 1)])
    provisioned = get(call.request, "provisioned")
    brokers: Json = provisioned if isinstance(provisioned, dict) else call.request
    return started(text(brokers, "brokerNodeGroupInfo", "instanceType") or UNKNOWN_TYPE, cluster, _usage(brokers))


def _usage(brokers: Json) -> Iterator[UsageItem]:
    count = nodes(number(brokers, "numberOfBrokerNodes"))
    group = get(brokers, "brokerNodeGroupInfo")
    instance_type = text(group, "instanceType")
    if not instance_type:
        return
    yield use(_sku(instance_type), count)
    gigabytes = number(group, "storageInfo", "ebsStorageInfo", "volumeSize")
    if gigabytes:
        yield use("msk/storage/gb", gigabytes * count)


def _change_count(call: Call) -> tuple[Part, ...]:
    count = number(call.request, "targetNumberOfBrokerNodes")
    return changed(UNKNOWN_TYPE, _cluster(call), [recount(nodes(count))]) if count else ()


def _change_type(call: Call) -> tuple[Part, ...]:
    instance_type = text(call.request, "targetInstanceType")
    return changed(instance_type, _cluster(call), [retype(_sku(instance_type))]) if instance_type else ()


def _sku(instance_type: str) -> str:
    return f"msk/{instance_type.removeprefix(_PREFIX)}"


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _cluster(call))


def _cluster(call: Call) -> str | None:
    """In requests, the ARN stands as it stood in the address: its colons and slashes are escaped."""
    arn = told(call, "clusterArn")
    return arn.replace("%3A", ":").replace("%2F", "/") if arn else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCluster"): _create,
    (_SOURCE, "CreateClusterV2"): _create,
    (_SOURCE, "UpdateBrokerCount"): _change_count,
    (_SOURCE, "UpdateBrokerType"): _change_type,
    (_SOURCE, "DeleteCluster"): _delete,
}
