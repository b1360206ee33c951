"""Settings of how people sign in on the web."""

from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.setting_faults import not_set, parsed_keys

_ISSUER = r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?)$"
_NO_SECRET = SecretStr("")


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class IdentitySettings(BaseSettings):
    """Sign in with Slack is there wherever the app has a client id; the others are added by these."""

    session_keys: Annotated[SecretStr, Field(validation_alias=_named("DD0C_SESSION_KEYS"))] = _NO_SECRET
    oidc_issuer: Annotated[str | None, Field(validation_alias=_named("DD0C_OIDC_ISSUER"), pattern=_ISSUER)] = None
    oidc_client_id: Annotated[str, Field(validation_alias=_named("DD0C_OIDC_CLIENT_ID"), validate_default=True)] = ""
    oidc_client_secret: Annotated[
        SecretStr, Field(validation_alias=_named("DD0C_OIDC_CLIENT_SECRET"), validate_default=True)
    ] = _NO_SECRET
    local_login: Annotated[bool, Field(validation_alias=_named("DD0C_LOCAL_LOGIN"))] = False

    @field_validator("session_keys")
    @classmethod
    def _can_sign_cookies(cls, keys: SecretStr) -> SecretStr:
        parsed_keys("DD0C_SESSION_KEYS", keys)
        return keys

    @field_validator("oidc_client_id")
    @classmethod
    def _is_known(cls, client_id: str, so_far: ValidationInfo) -> str:
        if so_far.data.get("oidc_issuer") and not client_id:
            raise not_set("DD0C_OIDC_CLIENT_ID", "register this bot with the issuer and copy the client's id")
        return client_id

    @field_validator("oidc_client_secret")
    @classmethod
    def _is_proven(cls, secret: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if so_far.data.get("oidc_issuer") and not secret.get_secret_value():
            raise not_set("DD0C_OIDC_CLIENT_SECRET", "copy the client's secret from the issuer")
        return secret

    def cookie_keys(self) -> dict[str, bytes]:
        """The keys that sign cookies, the newest last; none where none is set."""
        return parsed_keys("DD0C_SESSION_KEYS", self.session_keys)
