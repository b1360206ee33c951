"""SageMaker endpoints. What one consists of stands in its configuration, which is remembered as a template."""

from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import changed, kind, needed, nodes, started, use
from engine.fields import items, number, text
from engine.models.cost_event import UsageItem
from engine.relative_usage import like, recount

_SOURCE = "sagemaker.amazonaws.com"
CONFIGURATION = "endpoint_config"
ENDPOINT = "sagemaker_endpoint"
_VARIANT_KEYS = ("productionVariants", "shadowProductionVariants")
_NOTHING_WHILE_IDLE = UsageItem("sagemaker/idle/serverless", 1)


def _configure(call: Call) -> tuple[Part, ...]:
    usage = tuple(_variants(call)) or (_NOTHING_WHILE_IDLE,)
    return started(CONFIGURATION, needed(call, _configuration(call)), usage)


def _variants(call: Call) -> Iterator[UsageItem]:
    """Serverless variants are billed by use."""
    for key in _VARIANT_KEYS:
        for variant in items(call.request, key):
            instance_type = text(variant, "instanceType")
            if instance_type:
                yield use(f"sagemaker/template/{instance_type}", nodes(number(variant, "initialInstanceCount")))


def _create(call: Call) -> tuple[Part, ...]:
    return started(ENDPOINT, needed(call, _endpoint(call)), _made_like_configuration(call))


def _update(call: Call) -> tuple[Part, ...]:
    return changed(ENDPOINT, _endpoint(call), _made_like_configuration(call))


def _made_like_configuration(call: Call) -> tuple[UsageItem, ...]:
    configuration = _configuration(call)
    return (like(configuration),) if configuration else ()


def _scale(call: Call) -> tuple[Part, ...]:
    """Weights cost nothing. Counts are told by variant: with several variants, the total is not known any more."""
    counts = [number(one, "desiredInstanceCount") for one in items(call.request, "desiredWeightsAndCapacities")]
    told = [count for count in counts if count is not None]
    if not told:
        return ()
    usage = (recount(nodes(told[0])),) if len(counts) == 1 else ()
    return changed(ENDPOINT, _endpoint(call), usage)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(ENDPOINT, _endpoint(call))


def _configuration(call: Call) -> str | None:
    return kind("endpoint-config", text(call.request, "endpointConfigName"))


def _endpoint(call: Call) -> str | None:
    return kind("endpoint", text(call.request, "endpointName"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateEndpointConfig"): _configure,
    (_SOURCE, "CreateEndpoint"): _create,
    (_SOURCE, "UpdateEndpoint"): _update,
    (_SOURCE, "UpdateEndpointWeightsAndCapacities"): _scale,
    (_SOURCE, "DeleteEndpoint"): _delete,
}
