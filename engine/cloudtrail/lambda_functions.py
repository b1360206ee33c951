"""Lambda: an idle function costs nothing by the hour, provisioned concurrency does."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import get, number, text
from engine.models.cost_event import Change, UsageItem

_SOURCE = "lambda.amazonaws.com"
FUNCTION = "lambda_function"
CONCURRENCY = "lambda_provisioned_concurrency"
CONCURRENCY_SKU = "lambda/provisioned/unknown"
_MEGABYTES_PER_GIGABYTE = 1024
_DEFAULT_MEGABYTES = 128.0
_LATEST = "$LATEST"
# Far above any quota of one account and any size of one function.
_MOST_EXECUTIONS = 1_000_000.0
_MOST_MEGABYTES = 1_000_000.0


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
    within(memory, _MOST_MEGABYTES, "MB of memory")
    architectures = get(call.response, "architectures") or get(call.request, "architectures")
    architecture = "arm64" if isinstance(architectures, list) and "arm64" in architectures else "x86_64"
    return (UsageItem(f"lambda/idle/{architecture}", memory / _MEGABYTES_PER_GIGABYTE),)


def _provision(call: Call) -> tuple[Part, ...]:
    """The record tells how many are kept warm, but not their memory: that is in our own history of the function."""
    name, count = _function(call), number(call.request, "provisionedConcurrentExecutions")
    if not name or not count:
        raise MalformedRecord("PutProvisionedConcurrencyConfig names no function or no number of executions")
    usage = (UsageItem(CONCURRENCY_SKU, within(count, _MOST_EXECUTIONS, "provisioned executions")),)
    return (Part(Change.START, CONCURRENCY, (_qualified(call, name),), 1, usage),)


def _unprovision(call: Call) -> tuple[Part, ...]:
    name = _function(call)
    return stopped(CONCURRENCY, _qualified(call, name) if name else None)


def _delete(call: Call) -> tuple[Part, ...]:
    """Deleting one version leaves the function; with it goes only what was provisioned for that version."""
    name = _function(call)
    if name and _qualifier(call):
        return stopped(CONCURRENCY, _qualified(call, name))
    return stopped(FUNCTION, name)


def _function(call: Call) -> str | None:
    """The bare name: callers may give a name, a partial or a full ARN."""
    return _name_and_qualifier(call)[0] or None


def _qualifier(call: Call) -> str | None:
    """The version or alias meant: a parameter of its own, or the last part of the name."""
    return text(call.request, "qualifier") or _name_and_qualifier(call)[1] or None


def _name_and_qualifier(call: Call) -> tuple[str, str]:
    named = text(call.request, "functionName") or text(call.response, "functionName") or ""
    name, _, qualifier = named.split(":function:", 1)[-1].partition(":")
    return name, qualifier


def _qualified(call: Call, name: str) -> str:
    return f"{name}:{_qualifier(call) or _LATEST}"


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateFunction"): _create,
    (_SOURCE, "UpdateFunctionConfiguration"): _reconfigure,
    (_SOURCE, "DeleteFunction"): _delete,
    (_SOURCE, "PutProvisionedConcurrencyConfig"): _provision,
    (_SOURCE, "DeleteProvisionedConcurrencyConfig"): _unprovision,
}
