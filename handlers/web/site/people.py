"""Names of the people a page speaks of."""

from collections.abc import Iterable

from handlers.web.site.words import Names
from services.ports.sign_in import Users

_MOST = 50


async def find_names(users: Users, tenant_id: str, user_ids: Iterable[str]) -> Names:
    """User id -> name, for those who ever signed in here; others go by their id."""
    wanted = [one for one in dict.fromkeys(user_ids) if one][:_MOST]
    return await users.find_names(tenant_id, wanted)
