"""Managed Airflow: an environment of a class, and the workers and schedulers it has beyond those included."""

from collections.abc import Iterator, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import changed, needed, nodes, started, use
from engine.fields import number, text
from engine.models.cost_event import UsageItem

_SOURCE = "airflow.amazonaws.com"
UNKNOWN_TYPE = "airflow_environment"
# By class, one worker and two schedulers come with the environment.
_INCLUDED = {"worker": ("MinWorkers", 1), "scheduler": ("Schedulers", 2)}


def _create(call: Call) -> tuple[Part, ...]:
    environment = needed(call, _name(call))
    return started(text(call.request, "EnvironmentClass") or UNKNOWN_TYPE, environment, _usage(call))


def _update(call: Call) -> tuple[Part, ...]:
    environment_class = text(call.request, "EnvironmentClass")
    return changed(environment_class, _name(call), _usage(call)) if environment_class else ()


def _usage(call: Call) -> Iterator[UsageItem]:
    environment_class = text(call.request, "EnvironmentClass")
    if not environment_class:
        return
    yield use(f"airflow/{environment_class}/environment", 1)
    for what, (field, included) in _INCLUDED.items():
        more = nodes(number(call.request, field), included) - included
        if more > 0:
            yield use(f"airflow/{environment_class}/{what}", more)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _name(call))


def _name(call: Call) -> str | None:
    return text(call.request, "Name")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateEnvironment"): _create,
    (_SOURCE, "UpdateEnvironment"): _update,
    (_SOURCE, "DeleteEnvironment"): _delete,
}
