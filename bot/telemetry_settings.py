"""Settings of what lets the bot be watched at work."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

LogFormat = Literal["text", "json"]
_URL = r"^https?://\S+$"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class TelemetrySettings(BaseSettings):
    """Where traces go, who may read numbers, and how the log is written."""

    otlp_endpoint: Annotated[
        str | None, Field(validation_alias=_named("OTEL_EXPORTER_OTLP_ENDPOINT"), pattern=_URL)
    ] = None
    otlp_headers: Annotated[SecretStr, Field(validation_alias=_named("OTEL_EXPORTER_OTLP_HEADERS"))] = SecretStr("")
    otlp_timeout_ms: Annotated[int, Field(validation_alias=_named("OTEL_EXPORTER_OTLP_TIMEOUT"), ge=100, le=60_000)] = (
        10_000
    )
    service_name: Annotated[str, Field(validation_alias=_named("OTEL_SERVICE_NAME"), min_length=1)] = "dd0c-cost"
    sample_ratio: Annotated[float, Field(validation_alias=_named("OTEL_TRACES_SAMPLER_ARG"), ge=0, le=1)] = 0.1
    trace_key: Annotated[SecretStr, Field(validation_alias=_named("DD0C_TRACE_KEY"))] = SecretStr("")
    metrics_token: Annotated[SecretStr, Field(validation_alias=_named("DD0C_METRICS_TOKEN"))] = SecretStr("")
    log_format: Annotated[LogFormat, Field(validation_alias=_named("DD0C_LOG_FORMAT"))] = "text"

    @field_validator("otlp_headers")
    @classmethod
    def _are_pairs(cls, headers: SecretStr) -> SecretStr:
        pairs = [pair for pair in headers.get_secret_value().split(",") if pair.strip()]
        if any(not pair.partition("=")[0].strip() or "=" not in pair for pair in pairs):
            raise PydanticCustomError("pairs", "must be NAME=VALUE, several separated by commas")
        return headers

    def otlp_header_map(self) -> dict[str, str]:
        """The headers that each export carries, by name in lower case."""
        pairs = (pair.partition("=") for pair in self.otlp_headers.get_secret_value().split(",") if pair.strip())
        return {name.strip().lower(): value.strip() for name, _, value in pairs}
