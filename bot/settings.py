"""Every setting, read from the environment and ``.env``; nothing else in the project reads either."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.aws_settings import AwsSettings
from bot.billing_settings import BillingSettings
from bot.door_settings import DoorSettings
from bot.guest_settings import GuestSettings
from bot.identity_settings import IdentitySettings
from bot.mail_settings import MailSettings
from bot.setting_faults import explain, not_set, parsed_keys
from bot.slack_settings import SlackSettings
from bot.telemetry_settings import TelemetrySettings
from engine.errors import InputError, InvalidSetting
from engine.webhooks import check_url

AnySettings = TypeVar("AnySettings", bound=BaseSettings)
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_URL = r"^https?://\S+$"
# What MongoDB takes whatever system it runs on.
_DATABASE = r"^[A-Za-z0-9_-]+$"
_FIFO_URL = r"^https?://[^\s/]+/\S+\.fifo$"


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class CoreSettings(TelemetrySettings, AwsSettings):
    """What any process of an installation needs. One that only works holds no secret of Slack's."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    local_mongod: Annotated[bool, Field(validation_alias=_named("DD0C_LOCAL_MONGOD"))] = False
    mongodb_uri: Annotated[SecretStr | None, Field(validation_alias=_named("MONGODB_URI"), validate_default=True)] = (
        None
    )
    data_dir: Annotated[Path, Field(validation_alias=_named("DD0C_DATA_DIR"))] = Path("~/.local/share/dd0c")
    database: Annotated[str, Field(validation_alias=_named("DD0C_DATABASE"), pattern=_DATABASE, max_length=38)] = "dd0c"
    retention_days: Annotated[int, Field(validation_alias=_named("DD0C_RETENTION_DAYS"), ge=91, le=3650)] = 400

    # Declared with the settings of Slack, too, which judge it by what else is set.
    encryption_keys: Annotated[
        SecretStr, Field(validation_alias=_named("DD0C_ENCRYPTION_KEYS"), validate_default=True)
    ] = SecretStr("")

    host: Annotated[str, Field(validation_alias=_named("DD0C_HOST"))] = "127.0.0.1"
    port: Annotated[int, Field(validation_alias=_named("DD0C_PORT"), ge=0, le=65535)] = 8080
    api_requests_per_minute: Annotated[
        int, Field(validation_alias=_named("DD0C_API_REQUESTS_PER_MINUTE"), ge=1, le=100_000)
    ] = 600
    poll_seconds: Annotated[float, Field(validation_alias=_named("DD0C_POLL_SECONDS"), ge=1, le=3600)] = 60.0
    event_poll_seconds: Annotated[float, Field(validation_alias=_named("DD0C_EVENT_POLL_SECONDS"), ge=1, le=3600)] = (
        900.0
    )
    workers_in_process: Annotated[bool, Field(validation_alias=_named("DD0C_WORKERS_IN_PROCESS"))] = True
    work_queue_url: Annotated[
        str | None, Field(validation_alias=_named("DD0C_WORK_QUEUE_URL"), pattern=_FIFO_URL, validate_default=True)
    ] = None
    health_port: Annotated[int | None, Field(validation_alias=_named("DD0C_HEALTH_PORT"), ge=0, le=65535)] = None

    trail_urls: Annotated[str, Field(validation_alias=_named("DD0C_TRAIL_URLS"))] = ""
    trail_endpoint_url: Annotated[
        str | None, Field(validation_alias=_named("DD0C_TRAIL_ENDPOINT_URL"), pattern=_URL)
    ] = None
    trail_queue_url: Annotated[str | None, Field(validation_alias=_named("DD0C_TRAIL_QUEUE_URL"), pattern=_URL)] = None
    event_queue_url: Annotated[str | None, Field(validation_alias=_named("DD0C_EVENT_QUEUE_URL"), pattern=_URL)] = None
    archive_url: Annotated[str, Field(validation_alias=_named("DD0C_ARCHIVE_URL"))] = ""
    archive_endpoint_url: Annotated[
        str | None, Field(validation_alias=_named("DD0C_ARCHIVE_ENDPOINT_URL"), pattern=_URL)
    ] = None
    archive_days: Annotated[int, Field(validation_alias=_named("DD0C_ARCHIVE_DAYS"), ge=1, le=3650)] = 400

    store_access_key_id: Annotated[str, Field(validation_alias=_named("DD0C_STORE_ACCESS_KEY_ID"))] = ""
    store_secret_access_key: Annotated[
        SecretStr, Field(validation_alias=_named("DD0C_STORE_SECRET_ACCESS_KEY"), validate_default=True)
    ] = SecretStr("")

    emf: Annotated[bool, Field(validation_alias=_named("DD0C_EMF"))] = False
    flags: Annotated[str, Field(validation_alias=_named("DD0C_FLAGS"))] = ""
    policy: Annotated[Path | None, Field(validation_alias=_named("DD0C_POLICY"))] = None
    operator_webhook: Annotated[SecretStr, Field(validation_alias=_named("DD0C_OPERATOR_WEBHOOK"))] = SecretStr("")
    audit_keys: Annotated[SecretStr, Field(validation_alias=_named("DD0C_AUDIT_KEYS"))] = SecretStr("")
    log_level: Annotated[LogLevel, BeforeValidator(_upper), Field(validation_alias=_named("DD0C_LOG_LEVEL"))] = "INFO"

    @field_validator("encryption_keys")
    @classmethod
    def _can_open(cls, keys: SecretStr) -> SecretStr:
        parsed_keys("DD0C_ENCRYPTION_KEYS", keys)
        return keys

    @field_validator("audit_keys")
    @classmethod
    def _can_sign_entries(cls, keys: SecretStr) -> SecretStr:
        parsed_keys("DD0C_AUDIT_KEYS", keys)
        return keys

    @field_validator("store_secret_access_key")
    @classmethod
    def _opens_a_store(cls, secret: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if bool(secret.get_secret_value()) != bool(so_far.data.get("store_access_key_id")):
            raise not_set(
                "DD0C_STORE_SECRET_ACCESS_KEY" if not secret.get_secret_value() else "DD0C_STORE_ACCESS_KEY_ID",
                "a key of another store than AWS's is an id and a secret: give both, or neither",
            )
        return secret

    @field_validator("operator_webhook")
    @classmethod
    def _can_be_called(cls, url: SecretStr) -> SecretStr:
        """Its path is a secret, so that the error does not repeat it."""
        if url.get_secret_value():
            try:
                check_url(url.get_secret_value())
            except InputError:
                raise PydanticCustomError(
                    "address",
                    "must be like https://hooks.slack.com/services/T0/B0/XXX: https, a host by its name in small "
                    "letters, port 443 or 8443",
                ) from None
        return url

    def signing_keys(self) -> tuple[bytes, ...]:
        """The keys of the audit log, the newest last; none where none is set."""
        return tuple(parsed_keys("DD0C_AUDIT_KEYS", self.audit_keys).values())


class Settings(
    CoreSettings, MailSettings, GuestSettings, SlackSettings, BillingSettings, IdentitySettings, DoorSettings
):
    """What an operator can choose. docs/settings.md explains each; a test keeps the two together."""

    model_config = CoreSettings.model_config  # Of several bases the last one's would count.

    @property
    def is_self_hosted(self) -> bool:
        """Whether whoever runs it runs it for themselves: one workspace, by its bot token, and nobody pays."""
        return not self.is_installable and not self.is_billed

    tickets_local: Annotated[bool, Field(validation_alias=_named("DD0C_TICKETS_LOCAL"))] = False

    # Both below are judged here, and not where they are used, so that every setting that is missing is named at once.
    @field_validator("mongodb_uri")
    @classmethod
    def _has_a_database(cls, uri: SecretStr | None, so_far: ValidationInfo) -> SecretStr | None:
        if uri is None and so_far.data.get("local_mongod") is False:
            raise not_set(
                "MONGODB_URI", "name a replica set there, or set DD0C_LOCAL_MONGOD=1: the bot then runs its own"
            )
        return uri

    @field_validator("work_queue_url")
    @classmethod
    def _somebody_works(cls, url: str | None, so_far: ValidationInfo) -> str | None:
        if url is None and so_far.data.get("workers_in_process") is False:
            raise not_set(
                "DD0C_WORK_QUEUE_URL", "with DD0C_WORKERS_IN_PROCESS=0 only `dd0c worker`s work, and they need a queue"
            )
        return url


class GivenSettings(Settings):
    """Settings that are handed over whole: what an operator set on this machine does not add to them."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read neither the environment nor ``.env``."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class WorkerSettings(CoreSettings):
    """What a process that only works needs: the database and the queue that it shares with ``dd0c serve``."""

    mongodb_uri: Annotated[SecretStr, Field(validation_alias=_named("MONGODB_URI"))]
    work_queue_url: Annotated[str, Field(validation_alias=_named("DD0C_WORK_QUEUE_URL"), pattern=_FIFO_URL)]


class KeySettings(CoreSettings):
    """What giving all tokens another key needs."""

    encryption_keys: Annotated[SecretStr, Field(validation_alias=_named("DD0C_ENCRYPTION_KEYS"))]


class DemoSettings(BaseSettings):
    """What ``dd0c demo`` takes from whoever runs it; the rest of its bot's settings it makes up."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Annotated[Path | None, Field(validation_alias=_named("DD0C_DATA_DIR"))] = None


class ForwardSettings(BaseSettings):
    """What ``dd0c forward`` needs where records are; nothing of the bot's own."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    url: Annotated[str, Field(validation_alias=_named("DD0C_URL"))] = ""
    api_key: Annotated[SecretStr | None, Field(validation_alias=_named("DD0C_API_KEY"))] = None


def load_core_settings() -> CoreSettings:
    """Read the settings of a command that does not speak to Slack. Raises InvalidSetting as ``load_settings`` does."""
    return _load(CoreSettings)


def load_worker_settings() -> WorkerSettings:
    """Read the settings of a worker. Raises InvalidSetting as ``load_settings`` does."""
    return _load(WorkerSettings)


def load_key_settings() -> KeySettings:
    """Read the settings for giving tokens another key. Raises InvalidSetting as ``load_settings`` does."""
    return _load(KeySettings)


def load_forward_settings() -> ForwardSettings:
    """Read what forwarding needs; each may be missing."""
    return ForwardSettings()


def load_demo_settings() -> DemoSettings:
    """Read what the demo needs; it may be missing."""
    return DemoSettings()


def load_settings() -> Settings:
    """Read the settings. Raises InvalidSetting that names every setting which is missing or unusable."""
    return _load(Settings)


def _load(kind: type[AnySettings]) -> AnySettings:
    try:
        return kind()
    except ValidationError as error:
        raise InvalidSetting(explain(error)) from None
