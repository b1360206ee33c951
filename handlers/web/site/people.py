"""Names of the people a page speaks of."""

import asyncio
from collections.abc import Iterable

from engine.errors import NotFound
from handlers.web.site.words import Names
from services.ports.sign_in import Users

_MOST = 50


async def find_names(users: Users, tenant_id: str, user_ids: Iterable[str]) -> Names:
    """User id -> name, for those who ever signed in here; others go by their id."""
    wanted = [one for one in dict.fromkeys(user_ids) if one][:_MOST]
    found = await asyncio.gather(*(_find_name(users, tenant_id, one) for one in wanted))
    return {user_id: name for user_id, name in zip(wanted, found, strict=True) if name}


async def _find_name(users: Users, tenant_id: str, user_id: str) -> str:
    try:
        return (await users.find_user(tenant_id, user_id)).name
    except NotFound:
        return ""
