"""Models that are served: endpoints and notebooks of SageMaker, provisioned throughput of Bedrock."""

from collections.abc import Mapping
from typing import Any

from clients.aws.zombies.asker import Asker, those_there
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.standing import IN_BETWEEN, RUNNING, STOPPED, steady
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_ENDED = frozenset({"Deleting", "Failed"})
_STANDING = {"InService": RUNNING, "Stopping": STOPPED, "Stopped": STOPPED}


async def model_endpoints(asker: Asker) -> Found:
    """Endpoints, with the instances behind each variant."""
    async for page in asker.pages("sagemaker", "list_endpoints", "Endpoints", MaxResults=100):
        yield await those_there(_endpoint(asker, one) for one in page if one.get("EndpointStatus") not in _ENDED)


async def _endpoint(asker: Asker, listed: Mapping[str, Any]) -> Described:
    name = listed["EndpointName"]
    one = await asker.call("sagemaker", "describe_endpoint", EndpointName=name)
    config = await asker.call(
        "sagemaker", "describe_endpoint_config", EndpointConfigName=one.get("EndpointConfigName", name)
    )
    types = {v["VariantName"]: v.get("InstanceType", "") for v in config.get("ProductionVariants", [])}
    counts = {v["VariantName"]: v.get("CurrentInstanceCount", 1) for v in one.get("ProductionVariants", [])}
    return Described(
        kind="model_endpoint",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=listed.get("EndpointArn", ""),
        known_as=("sagemaker", f"endpoint/{name}"),
        created_at=listed.get("CreationTime"),
        usage=tuple(UsageItem(f"sagemaker/{kind}", counts.get(v, 1)) for v, kind in types.items() if kind),
        traits=steady(listed.get("EndpointStatus"), "InService"),
        tags=asker.tags_of(listed.get("EndpointArn", "")),
        dimensions=tuple((("EndpointName", name), ("VariantName", variant)) for variant in types),
    )


async def notebooks(asker: Asker) -> Found:
    """Notebooks; AWS says when each was changed last, and that includes being started."""
    async for page in asker.pages("sagemaker", "list_notebook_instances", "NotebookInstances", MaxResults=100):
        yield [
            Described(
                kind="notebook",
                region=asker.region,
                resource_id=one["NotebookInstanceName"],
                name=one["NotebookInstanceName"],
                arn=one.get("NotebookInstanceArn", ""),
                known_as=("sagemaker", f"notebook-instance/{one['NotebookInstanceName']}"),
                created_at=one.get("CreationTime"),
                changed_at=one.get("LastModifiedTime"),
                usage=(UsageItem(f"sagemaker/{one['InstanceType']}", 1),),
                traits=_STANDING.get(one.get("NotebookInstanceStatus", ""), IN_BETWEEN),
                tags=asker.tags_of(one.get("NotebookInstanceArn", "")),
            )
            for one in page
        ]


async def throughputs(asker: Asker) -> Found:
    """Provisioned throughput of Bedrock, whose price depends on a contract and is not known."""
    async for page in asker.pages(
        "bedrock", "list_provisioned_model_throughputs", "provisionedModelSummaries", follow="nextToken"
    ):
        yield [
            Described(
                kind="throughput",
                region=asker.region,
                resource_id=one["provisionedModelName"],
                name=one["provisionedModelName"],
                arn=one["provisionedModelArn"],
                known_as=("bedrock", one["provisionedModelArn"]),
                created_at=one.get("creationTime"),
                tags=asker.tags_of(one["provisionedModelArn"]),
                dimensions=((("ModelId", one["provisionedModelArn"]),),),
            )
            for one in page
        ]
