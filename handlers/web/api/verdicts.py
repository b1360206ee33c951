"""What people and programs say of anomalies."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from engine.models.api_key import Scope
from engine.models.verdict import VerdictKind
from engine.roles import Deed
from handlers.web.api.anomalies import PATH, AnomalyPath
from handlers.web.api.anomaly_models import AnomalyShown, anomaly_of
from handlers.web.api.models import Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from services.idempotency import bytes_from
from services.verdicts import Answer, Verdicts

_PATH = f"{PATH}/{{anomaly_id}}/verdicts"
_TAG = "verdicts"
_LONGEST_SNOOZE = 7 * 24


class Said(StrEnum):
    """The buttons of a card."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    UNDO = "undo"


class NewVerdict(Model):
    """One label. `expected` teaches the baseline, `undo` takes the last label back with all that followed from it."""

    verdict: Said
    snooze_hours: Annotated[int, Field(ge=1, le=_LONGEST_SNOOZE, description="For `snoozed`; others ignore it.")] = 24


class VerdictAnswer(Model):
    """What became of it: somebody may have been faster, or nothing is left to say."""

    changed: bool
    anomaly: AnomalyShown


class VerdictShown(Model):
    """One label as it was given."""

    verdict_id: str
    verdict: VerdictKind
    by: str
    at: Moment


class VerdictList(Model):
    """All labels of an anomaly, oldest first."""

    verdicts: list[VerdictShown]


async def list_verdicts(services: ApiServices, call: Call[AnomalyPath, Nothing]) -> VerdictList:
    """Give them all."""
    found = await services.anomalies.find_verdicts(call.tenant_id, call.params.anomaly_id)
    shown = [VerdictShown(verdict_id=one.verdict_id, verdict=one.kind, by=one.user_id, at=one.at) for one in found]
    return VerdictList(verdicts=shown)


async def create_verdict(services: ApiServices, call: Call[AnomalyPath, NewVerdict]) -> VerdictAnswer:
    """Record it as a click on the card's button would be, and repaint the card."""
    answer = await record(
        services.verdicts,
        (call.tenant_id, call.params.anomaly_id, call.subject),
        call.body.verdict,
        timedelta(hours=call.body.snooze_hours),
        undo_id=bytes_from(call.seed)(16).hex(),
    )
    [shown] = await services.anomalies.show(call.tenant_id, answer.anomaly)
    return VerdictAnswer(changed=answer.changed, anomaly=anomaly_of(shown.anomaly, shown.slack_message_url))


async def record(
    verdicts: Verdicts, who: tuple[str, str, str], said: Said, snooze: timedelta, *, undo_id: str
) -> Answer:
    """Say it; ``who`` are tenant, anomaly and user. All but undo change nothing the second time.

    An undo said twice would take back what was said before: under the same id it counts once. Raises NotFound.
    """
    match said:
        case Said.EXPECTED:
            return await verdicts.mark_expected(*who)
        case Said.UNEXPECTED:
            return await verdicts.not_expected(*who)
        case Said.ACKNOWLEDGED:
            return await verdicts.acknowledge(*who)
        case Said.SNOOZED:
            return await verdicts.snooze(*who, snooze)
        case Said.UNDO:
            return await verdicts.undo(*who, verdict_id=undo_id)


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List what was said of an anomaly.",
        handle=list_verdicts,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AnomalyPath,
        answer=VerdictList,
    ),
    Route(
        method="POST",
        path=_PATH,
        summary="Say something of an anomaly, or take the last label back.",
        handle=create_verdict,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.ANSWER,
        params=AnomalyPath,
        body=NewVerdict,
        answer=VerdictAnswer,
    ),
)
