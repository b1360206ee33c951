"""Settings of who may come how often, and by which proxies."""

from typing import Annotated

from pydantic import AliasChoices, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from engine.errors import InputError
from handlers.web.client_address import parse_networks


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class DoorSettings(BaseSettings):
    """A proxy on this machine is trusted unless told otherwise: nothing from elsewhere has its address."""

    trusted_proxies: Annotated[str, Field(validation_alias=_named("DD0C_TRUSTED_PROXIES"))] = "127.0.0.1,::1"
    unknown_requests_per_minute: Annotated[
        int, Field(validation_alias=_named("DD0C_UNKNOWN_REQUESTS_PER_MINUTE"), ge=1, le=100_000)
    ] = 120

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        try:
            parse_networks(given)
        except InputError as error:
            raise PydanticCustomError("networks", "{why}", {"why": str(error)}) from None
        return given
