"""What ``dd0c doctor`` looks at where accounts are read by access keys: whether AWS takes them, and their age."""

import asyncio

import msgspec

from bot.identity import utc_now
from bot.operator_store import running_store
from bot.sealing import build_access_keys
from bot.settings import CoreSettings
from bot.work_queue import aws_identity
from clients.aws.connect import connect_roles
from clients.aws.role_looks import RoleLooks
from engine.access_keys import age_fault, give_another, key_name, refused
from engine.errors import AccessDenied, Rejected, UpstreamError
from engine.models.access_key import SealedAccessKey
from store.access_keys import AccessKeys


class KeyHealth(msgspec.Struct, frozen=True):
    """How many keys are kept, None where the database cannot be used; and what is wrong, with what to do."""

    kept: int | None
    faults: tuple[str, ...] = ()


async def look_at_keys(settings: CoreSettings) -> KeyHealth:
    """Ask AWS about every key that is kept. Raises UpstreamError."""
    async with running_store(settings) as store:
        if store is None:
            return KeyHealth(None)
        rows = await store.system.find_all_access_keys()
        keys = build_access_keys(settings, store)
        if rows and keys is None:
            fault = f"{len(rows)} AWS accounts are read by access keys. Set the DD0C_ENCRYPTION_KEYS that sealed them."
            return KeyHealth(len(rows), (fault,))
        looks = connect_roles(aws_identity(settings, store), clock=utc_now)
        asked = (_fault(tenant_id, row, keys, looks) for tenant_id, row in rows if keys is not None)
        return KeyHealth(len(rows), tuple(filter(None, await asyncio.gather(*asked))))


async def _fault(tenant_id: str, row: SealedAccessKey, keys: AccessKeys, looks: RoleLooks) -> str:
    of_account = f"account {row.account_id}"
    try:
        await looks.fetch_owner(keys.unseal(tenant_id, row))
    except (AccessDenied, Rejected) as error:
        return f"{of_account}: {refused(row.key_id, error.code, str(error))} {give_another(row.account_id)}"
    except UpstreamError as error:
        return f"{key_name(row.key_id)} of {of_account}: {error}"
    return age_fault(row.account_id, row.key_id, row.given_at, utc_now())
