"""Snoozes in force. They begin with the verdict `snoozed`."""

from collections.abc import Sequence

from engine.models.api_key import Scope
from engine.models.verdict import Snooze
from engine.roles import Deed
from handlers.web.api.models import AccountId, Id, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices

_PATH = "/v1/snoozes"
_TAG = "snoozes"


class SnoozePath(Model):
    """One snooze."""

    snooze_id: Id


class SnoozeShown(Model):
    """Silence about one actor's launches of these types."""

    snooze_id: str
    account_id: AccountId
    anomaly_id: str
    actor_key: str
    resource_types: list[str]
    created_by: str
    until: Moment


class SnoozeList(Model):
    """Those in force, the one that ends soonest first; at most 1000."""

    snoozes: list[SnoozeShown]


async def list_snoozes(services: ApiServices, call: Call[Nothing, Nothing]) -> SnoozeList:
    """Give them all."""
    return SnoozeList(snoozes=[_shown(one) for one in await services.declarations.find_snoozes(call.tenant_id)])


async def delete_snooze(services: ApiServices, call: Call[SnoozePath, Nothing]) -> None:
    """End it, as the card's *Undo* would."""
    snooze = await services.declarations.find_snooze(call.tenant_id, call.params.snooze_id)
    await services.verdicts.undo(call.tenant_id, snooze.anomaly_id, call.subject)


def _shown(one: Snooze) -> SnoozeShown:
    return SnoozeShown(
        snooze_id=one.snooze_id,
        account_id=one.account_id,
        anomaly_id=one.anomaly_id,
        actor_key=one.actor_key,
        resource_types=list(one.resource_types),
        created_by=one.created_by,
        until=one.until,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List the snoozes in force.",
        handle=list_snoozes,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        answer=SnoozeList,
    ),
    Route(
        method="DELETE",
        path=f"{_PATH}/{{snooze_id}}",
        summary="End a snooze.",
        handle=delete_snooze,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.END_QUIET,
        params=SnoozePath,
    ),
)
