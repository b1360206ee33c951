"""Amazon MQ brokers, by host instance: one, a pair, or a cluster of three."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import changed, needed, started, told, use
from engine.fields import text
from engine.relative_usage import retype

_SOURCE = "amazonmq.amazonaws.com"
UNKNOWN_TYPE = "mq_broker"
_HOSTS = {"ACTIVE_STANDBY_MULTI_AZ": 2, "CLUSTER_MULTI_AZ": 3}


def _create(call: Call) -> tuple[Part, ...]:
    instance_type = text(call.request, "hostInstanceType")
    mode = text(call.request, "deploymentMode") or ""
    usage = [use(f"mq/{instance_type}", _HOSTS.get(mode, 1))] if instance_type else []
    labels = ["multi-az"] if mode in _HOSTS else []
    return started(instance_type or UNKNOWN_TYPE, needed(call, _broker(call)), usage, labels)


def _update(call: Call) -> tuple[Part, ...]:
    instance_type = text(call.request, "hostInstanceType")
    return changed(instance_type, _broker(call), [retype(f"mq/{instance_type}")]) if instance_type else ()


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _broker(call))


def _broker(call: Call) -> str | None:
    return told(call, "brokerId", "broker-id")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateBroker"): _create,
    (_SOURCE, "UpdateBroker"): _update,
    (_SOURCE, "DeleteBroker"): _delete,
}
