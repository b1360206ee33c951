"""From when on something counts as idle, for one tenant."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from engine.models.api_key import Scope
from engine.roles import Deed
from engine.zombies.own_thresholds import USUAL, ThresholdRow, bounds_of
from engine.zombies.thresholds import Thresholds
from handlers.web.api.models import Model, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices

_PATH = "/v1/zombies/thresholds"
_TAG = "zombies"


class ThresholdShown(Model):
    """One threshold: what holds, what is usual, and what may be set."""

    name: str
    value: float
    usual: float
    lowest: float
    highest: float


class ThresholdsShown(Model):
    """All thresholds."""

    thresholds: list[ThresholdShown]


def _no_word(value: Any) -> Any:
    """Neither ``true`` nor ``"14"`` is a number, though Python would make one of them."""
    if isinstance(value, bool | str):
        raise ValueError("must be a number, or null")
    return value


def _field(name: str) -> Any:
    """A value within the bounds of its threshold, or null."""
    lowest, highest = bounds_of(name)
    kind = int if isinstance(getattr(USUAL, name), int) else float
    return Annotated[kind, Field(ge=lowest, le=highest), BeforeValidator(_no_word)] | None, None


_FIELDS: dict[str, Any] = {name: _field(name) for name in Thresholds.__struct_fields__}
ThresholdChanges: type[Model] = create_model(
    "ThresholdChanges",
    __base__=Model,
    __doc__="Values by name; null brings the usual value back, and what is left out stays.",
    **_FIELDS,
)


async def list_thresholds(services: ApiServices, call: Call[Nothing, Nothing]) -> ThresholdsShown:
    """Give all, in the order of docs/zombies.md."""
    return _shown(await services.zombie_settings.rows(call.tenant_id))


async def change_thresholds(services: ApiServices, call: Call[Nothing, Model]) -> ThresholdsShown:
    """Set some; scans that begin later go by them."""
    return _shown(
        await services.zombie_settings.change(call.tenant_id, call.subject, call.body.model_dump(exclude_unset=True))
    )


def _shown(rows: Sequence[ThresholdRow]) -> ThresholdsShown:
    shown = []
    for row in rows:
        lowest, highest = bounds_of(row.name)
        shown.append(ThresholdShown(name=row.name, value=row.value, usual=row.usual, lowest=lowest, highest=highest))
    return ThresholdsShown(thresholds=shown)


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List from when on something counts as idle.",
        handle=list_thresholds,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        answer=ThresholdsShown,
    ),
    Route(
        method="PATCH",
        path=_PATH,
        summary="Change from when on something counts as idle.",
        handle=change_thresholds,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        body=ThresholdChanges,
        answer=ThresholdsShown,
    ),
)
