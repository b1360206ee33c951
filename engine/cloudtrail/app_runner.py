"""App Runner services: an instance's memory is billed always, its CPUs only while it answers requests."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.fargate import size
from engine.cloudtrail.telling import changed, needed, started, told
from engine.fields import get
from engine.models.cost_event import UsageItem

_SOURCE = "apprunner.amazonaws.com"
SERVICE = "apprunner_service"


def _create(call: Call) -> tuple[Part, ...]:
    return started(SERVICE, needed(call, _service(call)), _usage(call))


def _update(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "instanceConfiguration"):
        return ()
    return changed(SERVICE, _service(call), _usage(call))


def _resume(call: Call) -> tuple[Part, ...]:
    return started(SERVICE, needed(call, _service(call)))


def _stop(call: Call) -> tuple[Part, ...]:
    return stopped(SERVICE, _service(call))


def _service(call: Call) -> str | None:
    return told(call, "service.serviceArn", "serviceArn")


def _usage(call: Call) -> tuple[UsageItem, ...]:
    """One instance is kept ready at least."""
    for place in (get(call.response, "service"), call.request):
        configuration = get(place, "instanceConfiguration")
        if isinstance(configuration, dict) and (found := size(configuration, "apprunner")):
            return found[1:]
    return ()


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateService"): _create,
    (_SOURCE, "UpdateService"): _update,
    (_SOURCE, "ResumeService"): _resume,
    (_SOURCE, "PauseService"): _stop,
    (_SOURCE, "DeleteService"): _stop,
}
