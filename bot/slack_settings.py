"""Slack's settings: one workspace by its bot token, or any number that install the app."""

from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.setting_faults import must_begin, not_set, parsed_keys

_BASE_URL = r"^https?://\S+/$"
# On this machine alone a browser may come without https: the demo.
_HTTPS_URL = r"^(https://[^\s/?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?)/?$"
_USER_ID = r"^([UW][A-Z0-9]+)?$"
_CHANNEL_ID = r"^([CDG][A-Z0-9]+)?$"
_NO_SECRET = SecretStr("")
_NO_URL = "https://not.set"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class SlackSettings(BaseSettings):
    """With ``SLACK_BOT_TOKEN`` the bot serves that token's workspace; without it, whoever installs the app.

    What is needed depends on that, and each setting is judged where all it depends on is known already: above it.
    """

    slack_client_id: Annotated[str, Field(validation_alias=_named("SLACK_CLIENT_ID"))] = ""
    slack_bot_token: Annotated[SecretStr, Field(validation_alias=_named("SLACK_BOT_TOKEN"), validate_default=True)] = (
        _NO_SECRET
    )
    slack_app_token: Annotated[SecretStr, Field(validation_alias=_named("SLACK_APP_TOKEN"))] = _NO_SECRET
    slack_signing_secret: Annotated[
        SecretStr, Field(validation_alias=_named("SLACK_SIGNING_SECRET"), validate_default=True)
    ] = _NO_SECRET
    slack_client_secret: Annotated[
        SecretStr, Field(validation_alias=_named("SLACK_CLIENT_SECRET"), validate_default=True)
    ] = _NO_SECRET
    encryption_keys: Annotated[
        SecretStr, Field(validation_alias=_named("DD0C_ENCRYPTION_KEYS"), validate_default=True)
    ] = _NO_SECRET
    public_url: Annotated[
        str, Field(validation_alias=_named("DD0C_URL"), pattern=_HTTPS_URL, validate_default=True)
    ] = _NO_URL
    slack_api_url: Annotated[str, Field(validation_alias=_named("SLACK_API_URL"), pattern=_BASE_URL)] = (
        "https://slack.com/api/"
    )
    support: Annotated[str, Field(validation_alias=_named("DD0C_SUPPORT"), max_length=200)] = ""
    admin_user: Annotated[str, Field(validation_alias=_named("DD0C_ADMIN_USER"), pattern=_USER_ID)] = ""
    alert_channel: Annotated[
        str, Field(validation_alias=_named("DD0C_ALERT_CHANNEL"), pattern=_CHANNEL_ID, validate_default=True)
    ] = ""

    @property
    def is_installable(self) -> bool:
        """Whether any workspace may install the app, and not one is served by its bot token."""
        return not self.slack_bot_token.get_secret_value()

    @property
    def has_address(self) -> bool:
        """Whether it is known where browsers and Slack reach this bot."""
        return self.public_url != _NO_URL

    @field_validator("slack_bot_token")
    @classmethod
    def _has_a_workspace(cls, token: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if not token.get_secret_value() and not so_far.data.get("slack_client_id"):
            raise not_set(
                "SLACK_BOT_TOKEN",
                'copy "Bot User OAuth Token" (xoxb-...) from "OAuth & Permissions" on the Slack app\'s page; or set '
                "SLACK_CLIENT_ID, so that any number of workspaces can install the app",
            )
        return must_begin(token, "xoxb-", where='it is the "Bot User OAuth Token" under "OAuth & Permissions"')

    @field_validator("slack_app_token")
    @classmethod
    def _opens_connections(cls, token: SecretStr) -> SecretStr:
        return must_begin(token, "xapp-", where='it is made under "Basic Information", "App-Level Tokens"')

    @field_validator("slack_signing_secret")
    @classmethod
    def _can_tell_slack(cls, secret: SecretStr, so_far: ValidationInfo) -> SecretStr:
        # A token of another kind was refused already, and shows what was meant.
        by_socket = "slack_app_token" not in so_far.data or so_far.data["slack_app_token"].get_secret_value()
        if not secret.get_secret_value() and (not by_socket or _is_installable(so_far)):
            raise not_set(
                "SLACK_SIGNING_SECRET", 'copy "Signing Secret" from "Basic Information" on the Slack app\'s page'
            )
        return secret

    @field_validator("slack_client_secret")
    @classmethod
    def _can_finish_installations(cls, secret: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if not secret.get_secret_value() and _is_installable(so_far):
            raise not_set(
                "SLACK_CLIENT_SECRET", 'copy "Client Secret" from "Basic Information" on the Slack app\'s page'
            )
        return secret

    @field_validator("encryption_keys")
    @classmethod
    def _can_seal(cls, keys: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if not keys.get_secret_value() and _is_installable(so_far):
            raise not_set("DD0C_ENCRYPTION_KEYS", "write v1: and behind it what `openssl rand -base64 32` prints")
        parsed_keys("DD0C_ENCRYPTION_KEYS", keys)
        return keys

    @field_validator("public_url")
    @classmethod
    def _can_be_reached(cls, url: str, so_far: ValidationInfo) -> str:
        if url == _NO_URL and (_is_installable(so_far) or _sends_browsers_away(so_far)):
            raise not_set("DD0C_URL", "name the https:// address at which browsers and Slack reach this bot")
        return url.rstrip("/")

    @field_validator("alert_channel")
    @classmethod
    def _somebody_is_told(cls, channel: str, so_far: ValidationInfo) -> str:
        if not channel and not so_far.data.get("admin_user") and not so_far.data.get("slack_client_id"):
            raise not_set(
                "DD0C_ALERT_CHANNEL",
                "copy the id (C...) at the end of the channel's details in Slack, and /invite the bot there; or name "
                "with DD0C_ADMIN_USER who is to choose it in Slack",
            )
        return channel


def _sends_browsers_away(so_far: ValidationInfo) -> bool:
    """To pay, or to sign in elsewhere: they must find the way back."""
    pays = so_far.data.get("stripe_api_key", _NO_SECRET).get_secret_value()
    return bool(pays or so_far.data.get("oidc_issuer"))


def _is_installable(so_far: ValidationInfo) -> bool:
    token = so_far.data.get("slack_bot_token", _NO_SECRET)
    return bool(so_far.data.get("slack_client_id")) and not token.get_secret_value()
