"""How the stored access key of an AWS account is found."""

from collections.abc import Awaitable, Callable

from engine.errors import AccessDenied
from engine.models.access_key import AccessKey

# Raises AccessDenied for an account that has none, UpstreamError for one that does not open.
FindKey = Callable[[str], Awaitable[AccessKey]]


async def no_keys(account_id: str) -> AccessKey:
    """Find none, where there is nothing to open them with."""
    raise AccessDenied(
        f"AWS account {account_id} is read by an access key, and DD0C_ENCRYPTION_KEYS is not set to open that.",
        code="NoKey",
    )
