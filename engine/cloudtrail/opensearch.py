"""OpenSearch and Elasticsearch domains: data, master and warm nodes, and the volumes of the data nodes."""

from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import changed, needed, nodes, started, told, use
from engine.fields import Json, flag, get, number, text
from engine.models.cost_event import UsageItem

_SOURCE = "es.amazonaws.com"
UNKNOWN_TYPE = "opensearch_domain"
_CLUSTER_KEYS = ("clusterConfig", "elasticsearchClusterConfig")
_SUFFIXES = (".search", ".elasticsearch")
_DEFAULT_VOLUME = "gp2"
_DEFAULT_MASTERS = 3.0


def _create(call: Call) -> tuple[Part, ...]:
    domain = needed(call, _domain(call))
    cluster, volumes = _configuration(call)
    return started(_resource_type(cluster), domain, _usage(cluster, volumes), _labels(cluster))


def _update(call: Call) -> tuple[Part, ...]:
    """Updates name only what changes; what they do not name is in the answer."""
    if not any(get(call.request, key) for key in (*_CLUSTER_KEYS, "eBSOptions")):
        return ()
    cluster, volumes = _configuration(call)
    if not text(cluster, "instanceType"):
        return ()
    return changed(_resource_type(cluster), _domain(call), _usage(cluster, volumes), _labels(cluster))


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _domain(call))


def _domain(call: Call) -> str | None:
    return told(call, "domainName", "domainStatus.domainName")


def _configuration(call: Call) -> tuple[Json, Json]:
    """The nodes and the volumes as they will be: the answer's, and over it what the request asks for."""
    cluster: Json = {}
    for key in _CLUSTER_KEYS:
        cluster |= _merged(call, key)
    return cluster, _merged(call, "eBSOptions")


def _merged(call: Call, key: str) -> Json:
    places = (
        get(call.response, "domainStatus", key),
        get(call.response, "domainConfig", key, "options"),
        get(call.request, key),
    )
    return {name: value for place in places if isinstance(place, dict) for name, value in place.items()}


def _resource_type(cluster: Json) -> str:
    return text(cluster, "instanceType") or UNKNOWN_TYPE


def _usage(cluster: Json, volumes: Json) -> tuple[UsageItem, ...]:
    return tuple(_nodes_and_volumes(cluster, volumes))


def _nodes_and_volumes(cluster: Json, volumes: Json) -> Iterator[UsageItem]:
    instance_type = text(cluster, "instanceType")
    if not instance_type:
        return
    count = nodes(number(cluster, "instanceCount"))
    yield use(_sku(instance_type), count)
    if flag(cluster, "dedicatedMasterEnabled"):
        master_type = text(cluster, "dedicatedMasterType") or instance_type
        yield use(_sku(master_type), nodes(number(cluster, "dedicatedMasterCount"), _DEFAULT_MASTERS))
    warm_type = text(cluster, "warmType")
    if flag(cluster, "warmEnabled") and warm_type:
        yield use(_sku(warm_type), nodes(number(cluster, "warmCount")))
    gigabytes = number(volumes, "volumeSize")
    if flag(volumes, "eBSEnabled") and gigabytes:
        yield use(f"opensearch/storage/{text(volumes, 'volumeType') or _DEFAULT_VOLUME}/gb", gigabytes * count)


def _sku(instance_type: str) -> str:
    for suffix in _SUFFIXES:
        instance_type = instance_type.removesuffix(suffix)
    return f"opensearch/{instance_type}"


def _labels(cluster: Json) -> tuple[str, ...]:
    return ("multi-az",) if flag(cluster, "zoneAwarenessEnabled") else ()


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateDomain"): _create,
    (_SOURCE, "CreateElasticsearchDomain"): _create,
    (_SOURCE, "UpdateDomainConfig"): _update,
    (_SOURCE, "UpdateElasticsearchDomainConfig"): _update,
    (_SOURCE, "DeleteDomain"): _delete,
    (_SOURCE, "DeleteElasticsearchDomain"): _delete,
}
