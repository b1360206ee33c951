"""Stripe's settings. Without a key there is no billing, and everything is included."""

from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.setting_faults import must_begin, not_set

_URL = r"^https?://\S+$"
_NO_SECRET = SecretStr("")


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class BillingSettings(BaseSettings):
    """Each is judged where all it depends on is known already: above it."""

    stripe_api_key: Annotated[SecretStr, Field(validation_alias=_named("STRIPE_API_KEY"))] = _NO_SECRET
    stripe_api_base: Annotated[str, Field(validation_alias=_named("STRIPE_API_BASE"), pattern=_URL)] = (
        "https://api.stripe.com"
    )
    stripe_webhook_secret: Annotated[
        SecretStr, Field(validation_alias=_named("STRIPE_WEBHOOK_SECRET"), validate_default=True)
    ] = _NO_SECRET
    stripe_price: Annotated[str, Field(validation_alias=_named("DD0C_STRIPE_PRICE"), validate_default=True)] = ""

    @property
    def is_billed(self) -> bool:
        """Whether customers pay."""
        return bool(self.stripe_api_key.get_secret_value())

    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets by which Stripe's events are known; more than one while it is being changed."""
        return _listed(self.stripe_webhook_secret.get_secret_value())

    def stripe_prices(self) -> tuple[str, ...]:
        """Ids of prices that buy Pro: the one that is asked today, and behind it those that were asked earlier."""
        return _listed(self.stripe_price)

    @field_validator("stripe_api_key")
    @classmethod
    def _is_no_publishable_key(cls, key: SecretStr) -> SecretStr:
        return must_begin(key, "sk_", "rk_", where="it is a secret or restricted key, not a publishable one")

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _can_tell_stripe(cls, secret: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if _bills(so_far) and not _listed(secret.get_secret_value()):
            raise not_set(
                "STRIPE_WEBHOOK_SECRET",
                "make an endpoint for https://YOUR-HOST/v1/stripe/webhook on Stripe's dashboard and copy its secret",
            )
        for one in _listed(secret.get_secret_value()):
            must_begin(SecretStr(one), "whsec_", where="it is the signing secret of the webhook's endpoint")
        return secret

    @field_validator("stripe_price")
    @classmethod
    def _has_a_price(cls, price: str, so_far: ValidationInfo) -> str:
        if _bills(so_far) and not _listed(price):
            raise not_set("DD0C_STRIPE_PRICE", "make a monthly price per unit on Stripe's dashboard and copy its id")
        return price


def _listed(given: str) -> tuple[str, ...]:
    """Read what is separated by commas."""
    return tuple(one.strip() for one in given.split(",") if one.strip())


def _bills(so_far: ValidationInfo) -> bool:
    return bool(so_far.data.get("stripe_api_key", _NO_SECRET).get_secret_value())
