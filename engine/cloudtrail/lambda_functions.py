"""Lambda: an idle function costs nothing by the hour, provisioned concurrency does."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import get, number, text
from engine.models.cost_event import Change, UsageItem

_SOURCE = "lambda.amazonaws.com"
FUNCTION = "lambda_function"
CONCURRENCY = "lambda_provisioned_concurrency"
CONCURRENCY_SKU = "lambda/provisioned/unknown"
_MEGABYTES_PER_GIGABYTE = 1024
_DEFAULT_MEGABYTES = 128.0


def _create(call: Call) -> tuple[Part, ...]:
    name = _function(call)
    if not name:
        raise MalformedRecord("CreateFunction names no function")
    return (Part(Change.START, FUNCTION, (name,), 1, _idle(call)),)


def _reconfigure(call: Call) -> tuple[Part, ...]:
    name = _function(call)
    return (Part(Change.MODIFY, FUNCTION, (name,), 1, _idle(call)),) if name else ()


def _idle(call: Call) -> tuple[UsageItem, ...]:
    """What an idle function reserves: nothing that is billed, but its memory prices a later provisioned concurrency."""
    memory = number(call.response, "memorySize") or number(call.request, "memorySize") or _DEFAULT_MEGABYTES
    architectures = get(call.response, "architectures") or get(call.request, "architectures")
    architecture = "arm64" if isinstance(architectures, list) and "arm64" in architectures else "x86_64"
    return (UsageItem(f"lambda/idle/{architecture}", memory / _MEGABYTES_PER_GIGABYTE),)


def _provision(call: Call) -> tuple[Part, ...]:
    """The record tells how many are kept warm, but not their memory: that is in our own history of the function."""
    name, count = _function(call), number(call.request, "provisionedConcurrentExecutions")
    if not name or not count:
        raise MalformedRecord("PutProvisionedConcurrencyConfig names no function or no number of executions")
    usage = (UsageItem(CONCURRENCY_SKU, count),)
    return (Part(Change.START, CONCURRENCY, (_qualified(call, name),), 1, usage),)


def _unprovision(call: Call) -> tuple[Part, ...]:
    name = _function(call)
    return stopped(CONCURRENCY, _qualified(call, name) if name else None)


def _delete(call: Call) -> tuple[Part, ...]:
    """Deleting one version leaves the function; with it goes only what was provisioned for that version."""
    name = _function(call)
    if name and text(call.request, "qualifier"):
        return stopped(CONCURRENCY, _qualified(call, name))
    return stopped(FUNCTION, name)


def _function(call: Call) -> str | None:
    """The bare name: callers may give a name, a partial or a full ARN."""
    named = text(call.response, "functionName") or text(call.request, "functionName")
    if not named:
        return None
    if ":function:" in named:
        named = named.split(":function:", 1)[1]
    return named.split(":", 1)[0]


def _qualified(call: Call, name: str) -> str:
    return f"{name}:{text(call.request, 'qualifier') or '$LATEST'}"


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateFunction"): _create,
    (_SOURCE, "UpdateFunctionConfiguration"): _reconfigure,
    (_SOURCE, "DeleteFunction"): _delete,
    (_SOURCE, "PutProvisionedConcurrencyConfig"): _provision,
    (_SOURCE, "DeleteProvisionedConcurrencyConfig"): _unprovision,
}
