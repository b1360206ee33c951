"""Who may do what."""

from enum import StrEnum

from engine.models.account import Tenant


class Deed(StrEnum):
    """What not everybody may do."""

    PAUSE = "pause"


def may(tenant: Tenant, user_id: str, deed: Deed) -> bool:
    """Whether a user may do this: whoever installed the app may do all of it; where nobody is known, everybody may.

    >>> tenant = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C", installer_user_id="U1")
    >>> may(tenant, "U1", Deed.PAUSE), may(tenant, "U2", Deed.PAUSE)
    (True, False)
    """
    admins = {Deed.PAUSE: {tenant.installer_user_id}}
    return not tenant.installer_user_id or user_id in admins[deed]
