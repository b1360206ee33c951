"""The setting of whom the issuer of sign-ins may bring in."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from bot.setting_faults import not_set
from engine.allowed_emails import EVERYBODY, AllowedEmails, parse_allowed
from engine.errors import InputError

# There anybody in the world makes an account in a minute.
_OPEN_TO_ALL = frozenset(
    {
        "accounts.google.com",
        "api.login.yahoo.com",
        "appleid.apple.com",
        "gitlab.com",
        "login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "slack.com",
        "www.facebook.com",
        "www.linkedin.com/oauth",
    }
)


class GuestSettings(BaseSettings):
    """Judged when it is known whether all who come share one workspace."""

    oidc_allow: Annotated[
        str, Field(validation_alias=AliasChoices("DD0C_OIDC_ALLOW"), max_length=10_000, validate_default=True)
    ] = ""

    @field_validator("oidc_allow")
    @classmethod
    def _is_no_open_door(cls, allow: str, so_far: ValidationInfo) -> str:
        issuer = so_far.data.get("oidc_issuer") or ""
        token = so_far.data.get("slack_bot_token")
        is_shared = bool(issuer and token and token.get_secret_value())
        if not allow and is_shared:
            raise not_set(
                "DD0C_OIDC_ALLOW",
                "name who may come by DD0C_OIDC_ISSUER, such as @example.com,ann@example.org, or write * where "
                "everybody whom it signs in works in your workspace",
            )
        allowed = _parsed(allow) if allow else AllowedEmails()
        if allowed.everybody and is_shared and _is_open_to_all(issuer):
            raise PydanticCustomError(
                "open_door",
                "must name people or domains such as @example.com: at {issuer} anybody in the world can sign in",
                {"issuer": issuer},
            )
        return allow

    def allowed_emails(self) -> AllowedEmails:
        """Who may come by the issuer; everybody where nobody is named, which is refused for a shared workspace."""
        return parse_allowed(self.oidc_allow or EVERYBODY)


def _parsed(allow: str) -> AllowedEmails:
    try:
        return parse_allowed(allow)
    except InputError as error:
        raise PydanticCustomError("allow", str(error)) from None


def _is_open_to_all(issuer: str) -> bool:
    parts = urlsplit(issuer)
    return f"{parts.hostname}{parts.path}".rstrip("/") in _OPEN_TO_ALL
