"""A Slack app that was installed."""

import msgspec


class SlackInstallation(msgspec.Struct, frozen=True, kw_only=True):
    """What Slack handed over for one workspace or organisation; the fields marked so are sealed.

    ``installed_by`` is the id of whoever installed the app: the organisation's where that did as a whole, otherwise the
    workspace's. ``bot_token_expires_at`` and ``installed_at`` are seconds since the epoch; a token without the former
    never ends.
    """

    installed_by: str
    is_enterprise_install: bool
    enterprise_id: str | None
    enterprise_name: str | None
    team_id: str | None
    team_name: str | None
    app_id: str | None
    bot_id: str | None
    bot_user_id: str | None
    bot_scopes: tuple[str, ...]
    bot_token: str  # sealed
    bot_refresh_token: str | None = None  # sealed
    bot_token_expires_at: int | None = None
    user_id: str
    incoming_webhook_url: str | None = None  # sealed
    incoming_webhook_channel_id: str | None = None
    installed_at: float
