"""The roles of a tenant's people, as they are shown."""

from collections.abc import Mapping

import msgspec

from engine.models.account import Role


class RoleReport(msgspec.Struct, frozen=True, kw_only=True):
    """Roles that were set, by Slack user; ``installer`` is admin beside them. ``changed`` was set just now."""

    installer: str
    roles: Mapping[str, Role]
    changed: str = ""
