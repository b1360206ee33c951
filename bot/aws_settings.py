"""Settings of the bot's own way into AWS, and of how customers let it into theirs."""

from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.setting_faults import not_set

_URL = r"^https?://\S+$"
_REGION = r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$"
_PRINCIPAL = r"^(arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:\S+)?$"
# CloudFormation takes templates from buckets only.
_TEMPLATE_URL = r"^(https://\S+)?$"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class AwsSettings(BaseSettings):
    """Without a key the SDK looks where it always does."""

    aws_endpoint_url: Annotated[str | None, Field(validation_alias=_named("AWS_ENDPOINT_URL"), pattern=_URL)] = None
    aws_region: Annotated[
        str, Field(validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"), pattern=_REGION)
    ] = "us-east-1"
    aws_access_key_id: Annotated[str | None, Field(validation_alias=_named("AWS_ACCESS_KEY_ID"))] = None
    aws_secret_access_key: Annotated[
        SecretStr | None, Field(validation_alias=_named("AWS_SECRET_ACCESS_KEY"), validate_default=True)
    ] = None
    aws_session_token: Annotated[SecretStr | None, Field(validation_alias=_named("AWS_SESSION_TOKEN"))] = None
    aws_principal_arn: Annotated[str, Field(validation_alias=_named("DD0C_AWS_PRINCIPAL_ARN"), pattern=_PRINCIPAL)] = ""
    template_url: Annotated[str, Field(validation_alias=_named("DD0C_TEMPLATE_URL"), pattern=_TEMPLATE_URL)] = ""

    @field_validator("aws_secret_access_key")
    @classmethod
    def _is_half_of_a_key(cls, secret: SecretStr | None, so_far: ValidationInfo) -> SecretStr | None:
        if (secret is None) is not (so_far.data.get("aws_access_key_id") is None):
            raise not_set(
                "AWS_SECRET_ACCESS_KEY" if secret is None else "AWS_ACCESS_KEY_ID",
                "a key of AWS is an id and a secret: give both, or neither",
            )
        return secret
