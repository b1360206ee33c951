"""What DD0C_ENCRYPTION_KEYS seals and opens."""

import os

from bot.settings import CoreSettings
from clients.aws.key_finding import FindKey, no_keys
from clients.cipher import Cipher, parse_keys
from engine.errors import AccessDenied, NotFound
from engine.models.access_key import AccessKey
from store.access_keys import AccessKeys
from store.connect import Store


def build_cipher(settings: CoreSettings) -> Cipher:
    """The cipher for tokens and keys. Raises InvalidSetting for keys that are none."""
    return Cipher(parse_keys(settings.encryption_keys.get_secret_value()), os.urandom)


def can_seal(settings: CoreSettings) -> bool:
    """Whether there is a key to seal with."""
    return bool(settings.encryption_keys.get_secret_value())


def build_access_keys(settings: CoreSettings, store: Store) -> AccessKeys | None:
    """Give the keys that open AWS accounts, None where nothing could open them."""
    return store.access_keys(build_cipher(settings)) if can_seal(settings) else None


def key_finder(settings: CoreSettings, store: Store | None) -> FindKey:
    """Give what finds an account's key, wherever it is asked for."""
    keys = build_access_keys(settings, store) if store is not None else None
    if store is None or keys is None:
        return no_keys

    async def find_key(account_id: str) -> AccessKey:
        tenant_id = await store.system.find_tenant_by_account(account_id)
        try:
            return await keys.find_key(tenant_id or "", account_id)
        except NotFound as error:
            raise AccessDenied(str(error), code="NoKey") from error

    return find_key
