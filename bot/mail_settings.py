"""Settings of digests by e-mail."""

from typing import Annotated, NoReturn

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from bot.setting_faults import not_set
from clients.mail.server import parse_address, parse_readers, parse_server
from engine.errors import InvalidSetting

_NO_SECRET = SecretStr("")


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class MailSettings(BaseSettings):
    """They are of the one workspace of a bot token: where many install the app, its digests are not the operator's."""

    smtp_url: Annotated[SecretStr, Field(validation_alias=_named("DD0C_SMTP_URL"))] = _NO_SECRET
    smtp_from: Annotated[str, Field(validation_alias=_named("DD0C_SMTP_FROM"), validate_default=True)] = ""
    digest_emails: Annotated[str, Field(validation_alias=_named("DD0C_DIGEST_EMAILS"))] = ""

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr) -> SecretStr:
        """The error quotes nothing, for it holds a password."""
        if url.get_secret_value():
            try:
                parse_server(url.get_secret_value())
            except InvalidSetting as error:
                _refuse(error)
        return url

    @field_validator("smtp_from")
    @classmethod
    def _is_an_address(cls, sender: str, so_far: ValidationInfo) -> str:
        if not sender:
            if so_far.data.get("smtp_url", _NO_SECRET).get_secret_value():
                raise not_set("DD0C_SMTP_FROM", "name the address that digests come from, such as costs@example.com")
            return sender
        try:
            return parse_address(sender)
        except InvalidSetting as error:
            _refuse(error)

    @field_validator("digest_emails")
    @classmethod
    def _can_be_written_to(cls, emails: str, so_far: ValidationInfo) -> str:
        try:
            readers = parse_readers(emails)
        except InvalidSetting as error:
            _refuse(error)
        if readers and "smtp_url" in so_far.data and not so_far.data["smtp_url"].get_secret_value():
            raise not_set("DD0C_SMTP_URL", "DD0C_DIGEST_EMAILS needs a server that takes mail from this bot")
        if readers and not so_far.data.get("slack_bot_token", _NO_SECRET).get_secret_value():
            raise PydanticCustomError(
                "one_workspace", "works with SLACK_BOT_TOKEN only: it is for the digest of that one workspace"
            )
        return ",".join(readers)

    def digest_readers(self) -> tuple[str, ...]:
        """Who gets digests by e-mail; nobody where none is set."""
        return parse_readers(self.digest_emails)


def _refuse(error: InvalidSetting) -> NoReturn:
    raise PydanticCustomError("mail", str(error)) from None
