"""Everything of a tenant, to take along."""

from collections.abc import Sequence

from engine.models.api_key import Scope
from engine.roles import Deed
from handlers.web.api.models import Nothing
from handlers.web.api.route import Call, Route, Stream
from handlers.web.api.services import ApiServices


async def export_all(services: ApiServices, call: Call[Nothing, Nothing]) -> Stream:
    """Send one JSON object a line; the audit log says who had it."""
    return Stream(await services.exporting.begin(call.tenant_id, call.subject), "dd0c-export.jsonl")


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path="/v1/export",
        summary="Download all data of the tenant as JSON Lines; the last line says that it is complete.",
        handle=export_all,
        tag="export",
        scope=Scope.READ,
        deed=Deed.CHANGE_SETTINGS,
        stream=True,
    ),
)
