"""Bedrock: provisioned throughput, bought by model unit, with or without a commitment."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import needed, nodes, started, told, use
from engine.fields import number, text

_SOURCE = "bedrock.amazonaws.com"
THROUGHPUT = "bedrock_provisioned_throughput"
_NO_COMMITMENT = "none"


def _create(call: Call) -> tuple[Part, ...]:
    commitment = (text(call.request, "commitmentDuration") or _NO_COMMITMENT).lower()
    units = nodes(number(call.request, "modelUnits"))
    usage = use(f"bedrock/provisioned/{_model(call)}/{commitment}", units)
    labels = () if commitment == _NO_COMMITMENT else (f"commitment: {commitment}",)
    return started(THROUGHPUT, needed(call, _throughput(call)), [usage], labels)


def _model(call: Call) -> str:
    """The model's id; of an ARN, what follows the account."""
    model = text(call.request, "modelId") or "unknown"
    return model.split(":", 5)[-1] if model.startswith("arn:") else model


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(THROUGHPUT, _throughput(call))


def _throughput(call: Call) -> str | None:
    return told(call, "provisionedModelArn", "provisionedModelId", "provisionedModelName")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateProvisionedModelThroughput"): _create,
    (_SOURCE, "DeleteProvisionedModelThroughput"): _delete,
}
