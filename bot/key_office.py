"""What an operator does with access keys of AWS accounts: giving them, and looking whether they are good."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from bot.identity import new_id, utc_now
from bot.operator_store import operator_store
from bot.sealing import build_access_keys
from bot.settings import Settings
from bot.work_queue import aws_identity
from clients.aws.connect import connect_roles
from engine.errors import InvalidSetting
from services.key_onboarding import KeyOnboarding
from services.role_checking import RoleChecking
from store.access_keys import AccessKeys
from store.connect import Store


class KeyOffice(msgspec.Struct, frozen=True):
    """An open store, and what takes keys into it."""

    store: Store
    onboarding: KeyOnboarding


@asynccontextmanager
async def key_office(settings: Settings) -> AsyncIterator[KeyOffice]:
    """Open it. Raises InvalidSetting where keys are not for this installation, or nothing could seal them."""
    if not settings.is_self_hosted:
        raise InvalidSetting(
            "Access keys are for an installation of your own: with SLACK_BOT_TOKEN, and without STRIPE_API_KEY. This "
            "one serves others, whose accounts are read through roles that they can take back: `/dd0c connect`."
        )
    async with operator_store(settings) as store:
        keys = build_access_keys(settings, store)
        if keys is None:
            raise InvalidSetting(
                "DD0C_ENCRYPTION_KEYS is not set, so a secret could not be kept sealed: write v1: and behind it what "
                "`openssl rand -base64 32` prints, and start the bot again with it."
            )
        yield KeyOffice(store, _onboarding(settings, store, keys))


def _onboarding(settings: Settings, store: Store, keys: AccessKeys) -> KeyOnboarding:
    looks = connect_roles(aws_identity(settings, store), clock=utc_now)
    checking = RoleChecking(roles=looks, clock=utc_now, new_id=new_id, principal_arn=settings.aws_principal_arn)
    return KeyOnboarding(
        accounts=store.accounts,
        lookups=store.system,
        looks=looks,
        checking=checking,
        sealing=keys,
        clock=utc_now,
        new_id=new_id,
    )
